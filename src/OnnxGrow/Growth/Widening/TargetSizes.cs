using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth.Widening;

/// <summary>The extents of a plan, by size.</summary>
internal sealed class TargetSizes
{
    private readonly Dictionary<SizeClass, (long Extent, Dimension Dimension)> _targets = [];

    public TargetSizes(ModelMap map, GrowthPlan plan)
    {
        foreach ((string name, long target) in plan.Dimensions)
        {
            Dimension dimension = map.Find(name) ?? throw new CannotGrowException(
                ErrorCode.Dimension, $"the plan names the dimension '{Text.Name(name)}', which this model does not have; it has {Planner.Growable(map, name)}");
            Planner.Check(dimension, target, string.Create(CultureInfo.InvariantCulture, $"plan: {dimension.Name}"), plan.WidenInterface, map.Model.Limits.MaxFactor);
            if (target != dimension.Extent)
            {
                _targets[dimension.Size.Find()] = (target, dimension);
            }
        }
    }

    public bool Any => _targets.Count > 0;

    /// <summary>Whether there are to be more positions.</summary>
    public bool MorePositions => _targets.Values.Any(t => t.Dimension.Role == DimensionRole.Positions);

    public bool Grows(SizeClass size) => _targets.ContainsKey(size.Find());

    public bool Grows(Axis axis) => axis.Atoms().Any(a => Grows(a.Size));

    public long Of(Atom atom) => _targets.TryGetValue(atom.Size, out (long Extent, Dimension Dimension) t) ? t.Extent : atom.Extent ?? 0;

    public Dimension? DimensionOf(SizeClass size) => _targets.TryGetValue(size.Find(), out (long Extent, Dimension Dimension) t) ? t.Dimension : null;

    /// <summary>The extent after growth; null where it is dynamic.</summary>
    public long? Of(Axis axis)
    {
        long product = 1;
        foreach (Factor factor in axis.Resolve())
        {
            long? extent = factor is Atom atom ? (atom.Extent is null ? null : Of(atom)) : Sum((Concatenation)factor);
            if (extent is not { } e)
            {
                return null;
            }

            product = checked(product * e);
        }

        return product;
    }

    /// <summary>The product of the extents after growth that are known.</summary>
    public long? OfKnown(Axis axis)
    {
        long product = 1;
        foreach (Factor factor in axis.Resolve())
        {
            long? extent = factor is Atom atom ? (atom.Extent is null ? 1 : Of(atom)) : Sum((Concatenation)factor);
            product = checked(product * (extent ?? 1));
        }

        return product;
    }

    private long? Sum(Concatenation concatenation)
    {
        long sum = 0;
        foreach (Axis part in concatenation.Parts)
        {
            if (Of(part) is not { } extent)
            {
                return null;
            }

            sum = checked(sum + extent);
        }

        return sum;
    }
}
