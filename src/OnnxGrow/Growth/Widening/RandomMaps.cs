using OnnxGrow.Analysis;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Widening;

/// <summary>
/// Draws which source entries copies are of (bert2BERT, Chen et al. 2022, arXiv 2110.07143): the first are the source's own,
/// every other one is any of them. A map is a function of the seed and the dimension, so that whatever shares a dimension
/// shares the map. Source: growth-math, rule 0.2.
/// </summary>
internal static class RandomMaps
{
    /// <summary>Sets the maps of the carriers for which the method draws them.</summary>
    public static void Choose(IReadOnlyDictionary<Carrier, CarrierPlan> plans, TargetSizes targets, GrowthSettings settings)
    {
        if (settings.Method.Maps == IndexMaps.Circular)
        {
            return;
        }

        HashSet<Carrier> bound = Bound(plans, settings.Method.Maps == IndexMaps.RandomWhereLossless);
        foreach (CarrierPlan plan in plans.Values.Where(p => !bound.Contains(p.Carrier)))
        {
            plan.Kind = TailKind.Circular;
            plan.Drawn = Draw(plan.Source, plan.Target, settings.Seed, targets.DimensionOf(plan.Carrier.Size)!.Name);
        }
    }

    /// <summary>One map.</summary>
    public static int[] Draw(int source, int target, ulong seed, string dimension)
    {
        var stream = new RandomStream(seed, dimension, RandomPurpose.Map);
        int[] map = new int[target];
        for (int j = 0; j < target; j++)
        {
            map[j] = j < source ? j : (int)Math.BigMul(stream.Bits((ulong)j), (ulong)source, out _);
        }

        return map;
    }

    /// <summary>
    /// Carriers whose copies must be equally many: something sums over them or normalises them, or a tied weight counts them;
    /// and, for a lossless method, a norm weighs them all.
    /// </summary>
    private static HashSet<Carrier> Bound(IReadOnlyDictionary<Carrier, CarrierPlan> plans, bool lossless)
    {
        HashSet<Carrier> bound = [.. plans.Values.Where(p => IsBound(p, lossless)).Select(p => p.Carrier)];
        foreach (Carrier carrier in plans.Keys)
        {
            bool isWeight = carrier.Contracted.Any(l => l.IsWeight || l.OtherIsWeight);
            foreach (ContractionLink link in carrier.Contracted.Where(l => l.Other.HasActivation && (lossless || !isWeight)))
            {
                bound.UnionWith([carrier, link.Other]);
            }
        }

        // What hands copies on as they are has the same map on all its sides.
        Carrier[][] groups =
        [
            .. plans.Keys.SelectMany(c => c.ReadBy).Where(l => l.Norm is null).Select(l => new[] { l.Input, l.Output }),
            .. plans.Keys.SelectMany(c => c.Products).Select(l => new[] { l.Left, l.Right, l.Output }),
            .. plans.Keys.Where(c => c.SoftmaxOf is not null).Select(c => new[] { c, c.SoftmaxOf!.Input }),
        ];
        ILookup<Carrier, Carrier[]> groupsOf = groups.SelectMany(g => g.Select(c => (Carrier: c, Group: g))).ToLookup(p => p.Carrier, p => p.Group);
        var open = new Stack<Carrier>(bound);
        while (open.TryPop(out Carrier? carrier))
        {
            foreach (Carrier other in groupsOf[carrier].SelectMany(g => g))
            {
                if (bound.Add(other))
                {
                    open.Push(other);
                }
            }
        }

        return bound;
    }

    private static bool IsBound(CarrierPlan plan, bool lossless)
    {
        Carrier carrier = plan.Carrier;
        bool summed = plan.OneCopy || plan.Kind == TailKind.Append || carrier.SoftmaxOf is not null || carrier.SummedBy.Count > 0;
        bool normed = (carrier.Needs & (CarrierNeed.OnlyAverage | CarrierNeed.OnlyZero)) != 0 || (plan.Tail > 0 && plan.Kind != TailKind.Circular);
        return summed || (lossless && normed);
    }
}
