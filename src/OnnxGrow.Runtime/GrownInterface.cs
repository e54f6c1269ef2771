using System.Collections.Immutable;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Runtime;

/// <summary>
/// Stands between a source and a grown model whose inputs and outputs are not quite the same: states are carried by their
/// expansions, states of new layers are made up, and of outputs that have become longer the old entries are taken.
/// </summary>
public sealed class GrownInterface
{
    private readonly InterfaceChange[] _inputs;
    private readonly InterfaceChange[] _outputs;
    private readonly ulong _seed;

    /// <summary>Makes it for the changes of a grown model.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="seed">Decides the states that new layers are fed.</param>
    public GrownInterface(IEnumerable<InterfaceChange> changes, ulong seed)
    {
        ILookup<bool, InterfaceChange> sides = changes.ToLookup(c => c.IsInput);
        _inputs = [.. sides[true]];
        _outputs = [.. sides[false]];
        _seed = seed;
    }

    /// <summary>Whether the two interfaces are the same.</summary>
    public bool IsSame => _inputs.Length + _outputs.Length == 0;

    /// <summary>The grown model's name of a source's input or output.</summary>
    public string NameOf(string source, bool isInput) =>
        (isInput ? _inputs : _outputs).FirstOrDefault(c => c.SourceName == source && !c.IsNew)?.GrownName ?? source;

    /// <summary>Names of inputs or outputs that the source has not.</summary>
    public IReadOnlySet<string> New(bool isInput) =>
        (isInput ? _inputs : _outputs).Where(c => c.IsNew).Select(c => c.GrownName).ToHashSet(StringComparer.Ordinal);

    /// <summary>What the grown model takes where the source takes this.</summary>
    public IReadOnlyDictionary<string, RuntimeTensor> Inputs(IReadOnlyDictionary<string, RuntimeTensor> source)
    {
        var result = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        foreach ((string name, RuntimeTensor tensor) in source)
        {
            InterfaceChange? change = _inputs.FirstOrDefault(c => c.SourceName == name && !c.IsNew);
            result[change?.GrownName ?? name] = change is null ? tensor : Expand(tensor, change.Axes);
        }

        foreach (InterfaceChange change in _inputs.Where(c => c.IsNew && source.ContainsKey(c.SourceName)))
        {
            // A new layer's state may hold anything that the layer itself could have given (copies hold the same): nothing
            // that comes out may depend on it.
            result[change.GrownName] = Expand(MakeUp(source[change.SourceName], change.GrownName), change.Axes);
        }

        return result;
    }

    /// <summary>The source's outputs as the grown model should give them, under the source's names.</summary>
    public IReadOnlyDictionary<string, RuntimeTensor> Expected(IReadOnlyDictionary<string, RuntimeTensor> source) =>
        source.ToDictionary(
            s => s.Key,
            s => _outputs.FirstOrDefault(c => c.SourceName == s.Key && !c.IsNew && !c.IsAppended) is { } change ? Expand(s.Value, change.Axes) : s.Value,
            StringComparer.Ordinal);

    /// <summary>The grown model's outputs under the source's names, without what is new in them.</summary>
    public IReadOnlyDictionary<string, RuntimeTensor> Outputs(IReadOnlyDictionary<string, RuntimeTensor> grown)
    {
        IReadOnlySet<string> added = New(isInput: false);
        var result = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        foreach ((string name, RuntimeTensor tensor) in grown.Where(g => !added.Contains(g.Key)))
        {
            InterfaceChange? change = _outputs.FirstOrDefault(c => c.GrownName == name && !c.IsNew);
            result[change?.SourceName ?? name] = change is { IsAppended: true } ? Cut(tensor, change.Axes) : tensor;
        }

        return result;
    }

    private RuntimeTensor MakeUp(RuntimeTensor like, string name)
    {
        if (!like.IsFloat)
        {
            return like;
        }

        var random = SplitMix64.For(_seed, name);
        double[] values = new double[like.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.Normal();
        }

        return RuntimeTensor.FromDoubles(like.ElementType, like.Dims, values);
    }

    /// <summary>P x along every axis that grows.</summary>
    private static RuntimeTensor Expand(RuntimeTensor tensor, ImmutableArray<AxisExpansion?> axes)
    {
        for (int a = 0; a < axes.Length; a++)
        {
            if (axes[a] is { } expansion)
            {
                tensor = Map(tensor, a, expansion.Map.ToArray(), expansion);
            }
        }

        return tensor;
    }

    /// <summary>The entries that the source has.</summary>
    private static RuntimeTensor Cut(RuntimeTensor tensor, ImmutableArray<AxisExpansion?> axes)
    {
        for (int a = 0; a < axes.Length; a++)
        {
            if (axes[a] is { } expansion)
            {
                int[] grown = expansion.Map.ToArray();
                tensor = Map(tensor, a, [.. Enumerable.Range(0, expansion.Source).Select(i => Array.IndexOf(grown, i))], null);
            }
        }

        return tensor;
    }

    /// <summary>For each new index: an old one, nothing (-1), or an average of the expansion (-2 and below).</summary>
    private static RuntimeTensor Map(RuntimeTensor tensor, int axis, int[] map, AxisExpansion? expansion)
    {
        double scale = expansion?.Scale ?? 1;
        long inner = tensor.Dims.Skip(axis + 1).Aggregate(1L, (p, d) => p * d);
        long outer = tensor.Dims.Take(axis).Aggregate(1L, (p, d) => p * d);
        long extent = tensor.Dims[axis];
        double[] source = tensor.ToDoubles();
        double[] result = new double[outer * map.Length * inner];
        for (long o = 0; o < outer; o++)
        {
            for (int j = 0; j < map.Length; j++)
            {
                for (long i = 0; map[j] != AxisExpansion.Zero && i < inner; i++)
                {
                    double Entry(long index) => source[(((o * extent) + index) * inner) + i];
                    result[(((o * map.Length) + j) * inner) + i] = scale * (map[j] >= 0 ? Entry(map[j]) : Average(expansion!, map[j], Entry));
                }
            }
        }

        return RuntimeTensor.FromDoubles(tensor.ElementType, tensor.Dims.SetItem(axis, map.Length), result);
    }

    private static double Average(AxisExpansion expansion, int entry, Func<long, double> source)
    {
        AverageBlock block = expansion.Blocks[-2 - entry];
        double sum = 0;
        for (int i = block.Start; i < block.Start + block.Count; i++)
        {
            sum += source(i) * (expansion.Weights?[i] ?? 1);
        }

        return sum / block.Count;
    }
}
