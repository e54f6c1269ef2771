using System.Globalization;
using System.Text.RegularExpressions;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;

namespace OnnxGrow.Training.Export;

/// <summary>
/// Numbers layers as they lie in the model. Depth growth names a new layer's weights after those that they copy (`h.1.mlp.weight`
/// gives `h.1.mlp.weight_grown1`), and a module of the grown size counts its layers through.
/// </summary>
internal sealed partial class LayerNumbers
{
    private const int MaxDepth = 16;

    private readonly Dictionary<string, int> _layerOf = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (string Prefix, int Number)> _places = [];

    /// <param name="map">The model's map.</param>
    /// <param name="paths">The weights' paths by their names.</param>
    public LayerNumbers(ModelMap map, IReadOnlyDictionary<string, string> paths)
    {
        var readers = new Dictionary<string, HashSet<int?>>(StringComparer.Ordinal);
        var layers = map.Layers.SelectMany(l => l.Nodes.Select(n => (n, l.Index))).ToDictionary(l => l.n, l => l.Index);
        foreach (Value weight in map.Weights().Where(w => paths.ContainsKey(w.InitializerName)))
        {
            if (!readers.TryGetValue(weight.InitializerName, out HashSet<int?>? by))
            {
                readers.Add(weight.InitializerName, by = []);
            }

            by.UnionWith(ReadersOf(weight, layers, 0));
        }

        foreach ((string name, HashSet<int?> by) in readers)
        {
            if (by.Count == 1 && by.Single() is { } only)
            {
                _layerOf[name] = only;
            }
        }

        Place(map.Layers, paths);
    }

    /// <summary>The layer that alone reads a weight; null where there is none such.</summary>
    public int? LayerOf(string name) => _layerOf.TryGetValue(name, out int layer) ? layer : null;

    /// <summary>The path with the number of the layer as it lies now.</summary>
    public string Renumbered(string name, string path)
    {
        path = Suffix().Replace(path, "");
        return LayerOf(name) is { } layer && _places.TryGetValue(layer, out (string Prefix, int Number) place) && path.StartsWith(place.Prefix, StringComparison.Ordinal)
            ? place.Prefix + place.Number.ToString(CultureInfo.InvariantCulture) + Number().Replace(path[place.Prefix.Length..], "", 1)
            : path;
    }

    /// <summary>The layers that read a value, its transposes and the like in its place; null for what stands outside of them.</summary>
    private static IEnumerable<int?> ReadersOf(Value value, Dictionary<Node, int> layers, int depth) => value.Consumers.SelectMany(c =>
        layers.TryGetValue(c.Node, out int layer) ? [layer]
        : depth < MaxDepth && c.Node.Proto.OpType is "Transpose" or "Identity" or "Cast" or "Reshape" or "Unsqueeze" or "Squeeze" && c.Node.Output(0) is { Consumers.Count: > 0 } copy
            ? ReadersOf(copy, layers, depth + 1)
        : [null]);

    /// <summary>A layer's weights have a path in common, up to its number; those of a list have the same before it.</summary>
    private void Place(IReadOnlyList<Layer> layers, IReadOnlyDictionary<string, string> paths)
    {
        var next = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Layer layer in layers)
        {
            string[] own = [.. _layerOf.Where(l => l.Value == layer.Index).Select(l => paths[l.Key]).Where(p => !ParameterPaths.IsMadeUp(p))];
            string common = own.Length == 0 ? "" : own.Aggregate(Common);
            if (Last().Match(common) is { Success: true } match)
            {
                string prefix = match.Groups[1].Value;
                int number = next.TryGetValue(prefix, out int n) ? n : int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
                _places[layer.Index] = (prefix, number);
                next[prefix] = number + 1;
            }
        }
    }

    private static string Common(string a, string b)
    {
        int n = 0;
        while (n < a.Length && n < b.Length && a[n] == b[n])
        {
            n++;
        }

        // Whole parts only: what follows the last dot may go on differently.
        return a[..(a.LastIndexOf('.', Math.Max(0, n - 1)) + 1)];
    }

    [GeneratedRegex(@"(_grown\d*(_\d+)?|_unit(_\d+)?)+$", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();

    [GeneratedRegex(@"^\d{1,6}", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^(.*\.|)(\d{1,6})\.", RegexOptions.CultureInvariant)]
    private static partial Regex Last();
}
