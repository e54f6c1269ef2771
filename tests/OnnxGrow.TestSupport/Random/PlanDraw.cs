using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.TestSupport.Random;

/// <summary>Draws plans over every dimension that a model has, by every method that is lossless.</summary>
public static class PlanDraw
{
    /// <summary>Draws a plan.</summary>
    public static GrowthPlan Draw(ModelMap map, SplitMix64 r)
    {
        string method = r.Pick("lemon", "lemon", "lemon-aki", "net2net", "bert2bert-fpi", "hypercloning", "llama-pro");
        bool widen = r.Coin();
        var plan = new GrowthPlan
        {
            Method = method,
            Seed = r.Next(),
            Block = r.Pick(BlockStyle.Zero, BlockStyle.Cancel),
            NoiseDb = method == "hypercloning" && r.Coin() ? 10 : null,
            WidenInterface = widen,
        };
        if (method == "llama-pro")
        {
            return plan with { Layers = [.. map.Layers.Select(l => new LayerInsertion(l.Index, l.Index))] };
        }

        plan = plan with { Layers = r.Coin() ? Insertions(map, r) : [], Dimensions = Sizes(map, r, widen, method == "hypercloning") };
        return plan.IsEmpty ? plan with { Layers = Insertions(map, r) } : plan;
    }

    /// <summary>A plan in one line.</summary>
    public static string Describe(GrowthPlan plan) => string.Create(CultureInfo.InvariantCulture,
        $"{plan.Method}, seed {plan.Seed}, {plan.Block}, noise {plan.NoiseDb}, widen {plan.WidenInterface}, [{string.Join(", ", plan.Dimensions.Select(d => $"{d.Key} {d.Value}"))}], layers [{string.Join(", ", plan.Layers.Select(l => $"{l.CopyOf} after {l.After}"))}]");

    private static ImmutableSortedDictionary<string, long> Sizes(ModelMap map, SplitMix64 r, bool widen, bool multiples)
    {
        var sizes = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (IGrouping<DimensionRole, Dimension> role in map.Dimensions.GroupBy(d => d.Role))
        {
            // What grows alike in all layers is the common case, and one dimension by itself the hard one.
            bool grows = r.Int(0, 2) == 0;
            bool alike = r.Int(0, 2) > 0;
            int kind = r.Int(0, 2);
            int more = r.Int(1, 5);
            foreach (Dimension dimension in role)
            {
                if (!alike)
                {
                    (grows, kind, more) = (r.Int(0, 2) == 0, r.Int(0, 2), r.Int(1, 5));
                }

                long extent = dimension.Extent;
                if (grows && (dimension.CanGrowIf(widen) || r.Int(0, 9) == 0))
                {
                    sizes[dimension.Name] = multiples || kind == 0 ? extent * r.Pick(2, 2, 3) : kind == 1 ? extent + more : (2 * extent) + more;
                }
            }
        }

        return sizes.ToImmutable();
    }

    /// <summary>New layers in any stack, each a copy of one of that stack, in the order in which they follow one another.</summary>
    private static ImmutableArray<LayerInsertion> Insertions(ModelMap map, SplitMix64 r)
    {
        var all = new List<LayerInsertion>();
        foreach (Layer[] stack in map.Layers.GroupBy(l => l.Stack).Select(s => s.ToArray()))
        {
            for (int i = r.Int(0, 3); i > 0; i--)
            {
                all.Add(new LayerInsertion(r.Pick(stack).Index, r.Pick(stack).Index));
            }
        }

        return [.. all.OrderBy(l => l.After)];
    }
}
