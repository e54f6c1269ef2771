using System.Collections.Immutable;
using System.Numerics;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;

namespace OnnxGrow.Explain;

/// <summary>What a dimension may do, and which nodes decide it.</summary>
/// <param name="Dimension">The dimension.</param>
/// <param name="Growth">Whether and how it can grow, found by trying.</param>
/// <param name="Needs">What nodes ask of new entries on it.</param>
/// <param name="Refusals">Uses that keep it as it is.</param>
public sealed record DimensionExplanation(Dimension Dimension, Growability Growth, ImmutableArray<NeedExplanation> Needs, ImmutableArray<FreezeExplanation> Refusals)
{
    /// <summary>Explains a dimension of a model.</summary>
    public static DimensionExplanation Of(ModelMap map, Dimension dimension, IReadOnlyList<Growability> growth) => new(
        dimension,
        growth.First(g => g.Dimension == dimension.Name),
        NeedsOf(map, dimension),
        [.. map.Carriers.Refusals(dimension.Size)
            .Where(f => dimension.Refusals.Contains(f.Why) || dimension.InterfaceRefusals.Contains(f.Why))
            .Select(f => new FreezeExplanation(f.Why, f.Node))]);

    private static ImmutableArray<NeedExplanation> NeedsOf(ModelMap map, Dimension dimension)
    {
        var found = new SortedDictionary<int, (Need First, HashSet<Node> Nodes)>();
        foreach (Need need in map.Flow.Needs.Where(n => AxisLinks.Has(n.Axis, dimension.Size)))
        {
            for (int rest = (int)need.What; rest != 0; rest &= rest - 1)
            {
                int one = 1 << BitOperations.TrailingZeroCount(rest);
                if (!found.TryGetValue(one, out (Need First, HashSet<Node> Nodes) entry))
                {
                    found.Add(one, entry = (need, []));
                }

                entry.Nodes.Add(need.Node);
            }
        }

        return [.. found.Select(f => new NeedExplanation(WordsOf((CarrierNeed)f.Key), f.Value.First.Why, f.Value.First.Node, f.Value.Nodes.Count))];
    }

    private static string WordsOf(CarrierNeed need) => need switch
    {
        CarrierNeed.NoAverage => "may not hold means of others",
        CarrierNeed.NoZero => "may not be zero",
        CarrierNeed.NoScale => "may not be scaled together with the old ones",
        CarrierNeed.OnlyAverage => "must hold the mean of the old ones",
        CarrierNeed.OnlyZero => "must be zero",
        CarrierNeed.OneCopy => "may not be copies: each old entry counts once",
        _ => need.ToString(),
    };
}

/// <summary>Something that nodes ask of new entries beyond whole copies.</summary>
/// <param name="What">What: "must be zero".</param>
/// <param name="Why">Why, as the first node says it.</param>
/// <param name="Node">The first node that asks it.</param>
/// <param name="Nodes">How many nodes ask it.</param>
public sealed record NeedExplanation(string What, string Why, Node Node, int Nodes);

/// <summary>A use that keeps a dimension as it is.</summary>
/// <param name="Why">Why.</param>
/// <param name="Node">The node; null for an input or output of the model.</param>
public sealed record FreezeExplanation(string Why, Node? Node);
