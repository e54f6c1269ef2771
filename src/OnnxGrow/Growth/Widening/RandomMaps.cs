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
    public static void Choose(IReadOnlyCollection<CarrierPlan> plans, TargetSizes targets, GrowthSettings settings)
    {
        if (settings.Method.Maps == IndexMaps.Circular)
        {
            return;
        }

        HashSet<Carrier> bound = settings.Method.Maps == IndexMaps.Random ? [] : Bound(plans);
        foreach (CarrierPlan plan in plans.Where(p => !bound.Contains(p.Carrier)))
        {
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

    /// <summary>Carriers whose copies must be equally many: a norm weighs them all, or a tied weight counts them.</summary>
    private static HashSet<Carrier> Bound(IReadOnlyCollection<CarrierPlan> plans)
    {
        var bound = new HashSet<Carrier>();
        foreach (Carrier carrier in plans.Select(p => p.Carrier))
        {
            if ((carrier.Needs & (CarrierNeed.OnlyAverage | CarrierNeed.OnlyZero)) != 0)
            {
                bound.Add(carrier);
            }

            foreach (ContractionLink link in carrier.Contracted.Where(l => l.Other.HasActivation))
            {
                bound.UnionWith([carrier, link.Other]);
            }
        }

        // A gain hands copies on as they are: both of its sides have the same map.
        GainLink[] gains = [.. plans.SelectMany(p => p.Carrier.ReadBy).Where(l => l.Norm is null)];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (GainLink gain in gains.Where(g => bound.Contains(g.Input) != bound.Contains(g.Output)))
            {
                bound.UnionWith([gain.Input, gain.Output]);
                changed = true;
            }
        }

        return bound;
    }
}
