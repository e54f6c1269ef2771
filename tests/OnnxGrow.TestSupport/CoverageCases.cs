using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.TestSupport;

/// <summary>The growths that the coverage table tries on any model, made from what its map says that it has.</summary>
public static class CoverageCases
{
    /// <summary>Name and plan of each growth; null where the model has nothing that it could mean.</summary>
    public static IReadOnlyList<(string Name, GrowthPlan? Plan)> Of(ModelMap map) =>
    [
        ("width x2", Sized(map, d => d.Role == DimensionRole.Hidden, n => 2 * n)),
        ("width x4/3", Sized(map, d => d.Role == DimensionRole.Hidden, n => (4 * n) / 3)),
        ("heads", Sized(map, d => d.Role is DimensionRole.Heads or DimensionRole.HeadsPerKv, n => n + 1)),
        ("KV heads", Sized(map, d => d.Role == DimensionRole.KvHeads, n => n + 1)),
        ("head size", Sized(map, d => d.Role == DimensionRole.HeadDim, n => n + (n / 2))),
        ("FFN", Sized(map, d => d.Role == DimensionRole.Ffn, n => n + 7)),
        ("experts", Sized(map, d => d.Role == DimensionRole.Experts, n => 2 * n)),
        ("vocabulary", Sized(map, d => d.Role == DimensionRole.Vocabulary, n => n + 11)),
        ("positions", Sized(map, d => d.Role == DimensionRole.Positions, n => n + 5)),
        ("classes", Sized(map, d => d.Role == DimensionRole.Classes, n => n + 3)),
        ("depth +1", Deeper(map)),
        ("all at once", Together(map)),
    ];

    /// <summary>Width, heads, FFN and depth in one plan.</summary>
    public static GrowthPlan? Together(ModelMap map)
    {
        GrowthPlan? wide = Sized(map, d => d.Role is DimensionRole.Hidden or DimensionRole.Heads or DimensionRole.HeadsPerKv or DimensionRole.Ffn, n => 2 * n);
        return wide is null ? Deeper(map) : Deeper(map) is { } deep ? wide with { Layers = deep.Layers } : wide;
    }

    /// <summary>A new layer in every stack, behind its first.</summary>
    public static GrowthPlan? Deeper(ModelMap map) => map.Layers.Count == 0 ? null : new GrowthPlan
    {
        Layers = [.. map.Layers.GroupBy(l => l.Stack).Select(g => new LayerInsertion(g.First().Index, g.Last().Index))],
    };

    /// <summary>Every dimension of some kind, larger; inputs and outputs become wider where that takes it.</summary>
    public static GrowthPlan? Sized(ModelMap map, Func<Dimension, bool> which, Func<long, long> size)
    {
        Dimension[] grown = [.. map.Dimensions.Where(which)];
        return grown.Length == 0 ? null : new GrowthPlan
        {
            Dimensions = grown.ToImmutableSortedDictionary(d => d.Name, d => size(d.Extent), StringComparer.Ordinal),
            WidenInterface = grown.Any(d => !d.InterfaceRefusals.IsEmpty),
        };
    }
}
