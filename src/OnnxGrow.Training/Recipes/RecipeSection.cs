using System.Globalization;
using OnnxGrow.Explain;
using YamlDotNet.RepresentationModel;

namespace OnnxGrow.Training.Recipes;

/// <summary>
/// A mapping of a recipe, read key by key. What was asked for is what there may be: <see cref="End"/> refuses the rest by name.
/// </summary>
internal sealed class RecipeSection
{
    private readonly Dictionary<string, YamlNode> _values = new(StringComparer.Ordinal);
    private readonly List<(string Key, YamlNode Node)> _keys = [];
    private readonly List<string> _known = [];
    private readonly string _name;
    private readonly string _where;
    private readonly YamlNode _node;

    /// <summary>Takes a mapping apart.</summary>
    /// <param name="node">The mapping.</param>
    /// <param name="where">The file, for messages.</param>
    /// <param name="name">The key that it stands under.</param>
    public RecipeSection(YamlNode node, string where, string name)
    {
        (_node, _where, _name) = (node, where, name);
        if (node is not YamlMappingNode mapping)
        {
            throw YamlText.At(where, node.Start, $"'{name}' must be a mapping of keys and values");
        }

        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            string text = (key as YamlScalarNode)?.Value ?? throw YamlText.At(where, key.Start, $"a key of '{name}' must be a name");
            _values[text] = value;
            _keys.Add((text, key));
        }
    }

    /// <summary>The keys, in the order of the file.</summary>
    public IEnumerable<string> Keys => _keys.Select(k => k.Key);

    public bool Has(string key) => _values.ContainsKey(key);

    public string? String(string key) => Find(key) is { } node ? Scalar(node, key) : null;

    public string Choice(string key, string? preset, params string[] choices)
    {
        string? text = String(key) ?? preset;
        return text is not null && choices.Contains(text, StringComparer.Ordinal)
            ? text
            : throw Bad(key, text is null
                ? $"'{_name}' needs '{key}': one of {Text.List(choices)}"
                : $"'{key}' is '{Text.Name(text)}'{Nearest(text, choices)}; it must be one of {Text.List(choices)}");
    }

    public long Whole(string key, long preset, long least, long most) => WholeOrNone(key, least, most) ?? preset;

    public long? WholeOrNone(string key, long least, long most) => Find(key) is not { } node ? null
        : long.TryParse(Scalar(node, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw Bad(key, string.Create(CultureInfo.InvariantCulture, $"'{key}' is '{Text.Name(Scalar(node, key))}'; it must be a whole number from {least} to {most}"));

    public ulong Seed(string key) => Find(key) is not { } node ? 0
        : ulong.TryParse(Scalar(node, key), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed
        : throw Bad(key, $"'{key}' must be a whole number from 0 to 2^64-1");

    public double Number(string key, double preset, double least = double.NegativeInfinity, double most = double.PositiveInfinity) =>
        Find(key) is not { } node ? preset
        : Number(node, key) is var number && number >= least && number <= most ? number
        : throw Bad(key, $"'{key}' is {Text.Name(Scalar(node, key))}; it must be a number"
            + FormattableString.Invariant($" from {least}") + (double.IsInfinity(most) ? " on" : FormattableString.Invariant($" to {most}")));

    public double Part(string key, double preset, bool zero) => Find(key) is not { } node ? preset
        : Number(node, key) is var part && (zero ? part >= 0 : part > 0) && part < 1 ? part
        : throw Bad(key, $"'{key}' is {Scalar(node, key)}; it must be {(zero ? "from 0 to" : "between 0 and")} less than 1");

    public bool Flag(string key, bool preset) => String(key) switch
    {
        null => preset,
        "true" => true,
        "false" => false,
        _ => throw Bad(key, $"'{key}' must be true or false"),
    };

    public IReadOnlyList<string> Strings(string key) => [.. Items(key).Select(n => Scalar(n, key))];

    public IReadOnlyList<double> Numbers(string key, double preset) =>
        Items(key) is { Count: > 0 } items ? [.. items.Select(n => Number(n, key))] : [preset];

    /// <summary>Height and width: one number for both, or a list of the two.</summary>
    public (int Height, int Width)? Size(string key)
    {
        int[] sizes = [.. Items(key).Select(n => int.TryParse(Scalar(n, key), NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is > 0 and <= 1 << 14 ? size : 0)];
        return sizes switch
        {
            [] => null,
            [> 0] => (sizes[0], sizes[0]),
            [> 0, > 0] => (sizes[0], sizes[1]),
            _ => throw Bad(key, $"'{key}' must be a size in pixels up to {1 << 14}, or [height, width]"),
        };
    }

    public IReadOnlyDictionary<string, string> Map(string key)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Section(key) is { } section)
        {
            foreach ((string name, _) in section._keys)
            {
                map[name] = section.String(name)!;
            }
        }

        return map;
    }

    public RecipeSection? Section(string key) => Find(key) is { } node ? new RecipeSection(node, _where, key) : null;

    /// <summary>Refuses what nobody asked for.</summary>
    public void End()
    {
        foreach ((string key, YamlNode node) in _keys)
        {
            if (!_known.Contains(key, StringComparer.Ordinal))
            {
                throw YamlText.At(_where, node.Start, $"unknown key '{Text.Name(key)}'{Nearest(key, _known)}; '{_name}' has {Text.List(_known)} here");
            }
        }
    }

    /// <summary>A mistake in the value of a key, or in the section where the key is not there.</summary>
    public BadInputException Bad(string key, string what) =>
        YamlText.At(_where, (_values.GetValueOrDefault(key) ?? _node).Start, what);

    /// <summary>A key that must be there, and is not.</summary>
    public BadInputException Missing(string key) => Bad(key, $"'{_name}' needs '{key}'");

    private YamlNode? Find(string key)
    {
        if (!_known.Contains(key, StringComparer.Ordinal))
        {
            _known.Add(key);
        }

        return _values.GetValueOrDefault(key);
    }

    private List<YamlNode> Items(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children],
        var one => [one],
    };

    private string Scalar(YamlNode node, string key) =>
        (node as YamlScalarNode)?.Value ?? throw YamlText.At(_where, node.Start, $"'{key}' must be a single value here");

    private double Number(YamlNode node, string key) =>
        double.TryParse(Scalar(node, key), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw YamlText.At(_where, node.Start, $"'{key}' is '{Text.Name(Scalar(node, key))}'; it must be a number");

    private static string Nearest(string name, IEnumerable<string> names) =>
        NearestNames.To(name, names, 1) is [var near] ? $" (did you mean '{near}'?)" : "";
}
