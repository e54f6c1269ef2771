using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Growth.Plans;

/// <summary>The sizes of attention: heads, heads of keys and values, and the size of a head.</summary>
internal sealed class HeadPlanner(ModelMap map, GrowthRequest request, PlannedSizes sizes)
{
    public void Run()
    {
        Dimension[] heads = [.. map.Of(DimensionRole.Heads)];
        Dimension[] shared = [.. map.Of(DimensionRole.KvHeads)];
        if (request.Heads is not null && heads.Length + shared.Length == 0)
        {
            Planner.RequireAny(map, DimensionRole.Heads, "--heads", "attention heads");
        }

        if (request.KvHeads is not null)
        {
            Planner.RequireAny(map, DimensionRole.KvHeads, "--kv-heads", "heads of keys and values that query heads share");
        }

        Dimension[] groups = [.. map.Of(DimensionRole.HeadsPerKv)];
        if (groups.Length == 0)
        {
            heads = [.. heads, .. shared];
            shared = [];
        }

        foreach (Dimension dimension in heads)
        {
            if (request.Heads is { } count)
            {
                Planner.Grow(sizes, dimension, count, "--heads");
            }
            else if (dimension.CanGrowIf(sizes.WidenInterface) && Following(dimension.Extent) is { } target)
            {
                Planner.Grow(sizes, dimension, target, "--hidden");
            }
        }

        ILookup<int, Dimension> groupsOfLayer = groups.ToLookup(g => g.Layer ?? -1);
        foreach ((int i, Dimension kv) in shared.Index())
        {
            Group(kv, groupsOfLayer[kv.Layer ?? -1].FirstOrDefault() ?? groups[Math.Min(i, groups.Length - 1)]);
        }

        if (request.HeadDim is { } size)
        {
            PlanHeadSize(size);
        }
    }

    /// <summary>The heads that a model of the requested width has if a head keeps its size; null where the width stays.</summary>
    private long? Following(long heads)
    {
        if (request.Hidden is null || map.Hidden is not { } hidden || hidden.Extent % heads != 0)
        {
            return null;
        }

        long share = hidden.Extent / heads;
        long width = sizes[hidden.Name];
        if (width % share == 0)
        {
            return width / share;
        }

        long below = Math.Max(hidden.Extent, width / share * share);
        long above = (width / share * share) + share;
        throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
            $"--hidden {width}: the heads keep their size of {share}, so the width must be a multiple of it; nearest: {below}, {above} (or give --heads to set the number of heads yourself)"));
    }

    private void Group(Dimension kv, Dimension group)
    {
        string option = request.Heads is null && request.KvHeads is null ? "--hidden" : request.Heads is null ? "--kv-heads" : "--heads";
        long total = kv.Extent * group.Extent;
        long? wanted = request.Heads ?? (request.KvHeads is { } m ? m * group.Extent : null);
        if (wanted is null && (!kv.CanGrowIf(sizes.WidenInterface) || !group.CanGrowIf(sizes.WidenInterface)))
        {
            return;
        }

        if ((wanted ?? Following(total)) is not { } heads)
        {
            return;
        }

        long ratio = group.Extent;
        if (request.KvHeads is { } count)
        {
            if (heads % count != 0)
            {
                throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                    $"--heads {heads} --kv-heads {count}: every head of keys and values serves as many query heads, so --heads must be a multiple of --kv-heads; nearest: {heads / count * count}, {((heads / count) + 1) * count}"));
            }

            Planner.Grow(sizes, kv, count, "--kv-heads");
            Planner.Grow(sizes, group, heads / count, option);
        }
        else if (request.Heads is null && heads % ratio == 0)
        {
            // With the width, all heads grow alike.
            Planner.Grow(sizes, kv, heads / ratio, option);
        }
        else if (heads % kv.Extent == 0)
        {
            // More heads alone leave the keys and values, and so the cache, as they are.
            Planner.Grow(sizes, group, heads / kv.Extent, option);
        }
        else if (heads % ratio == 0)
        {
            Planner.Grow(sizes, kv, heads / ratio, option);
        }
        else
        {
            throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                $"{option}: {heads} query heads over {kv.Extent} heads of keys and values (now {ratio} each): give --heads as a multiple of {kv.Extent}{(ratio == kv.Extent || ratio == 1 ? "" : FormattableString.Invariant($" or of {ratio}"))}, or --kv-heads too"));
        }
    }

    /// <summary>
    /// A head's size may be made of parts (halves that a rotary embedding turns, a rest that it leaves alone): a part that
    /// occurs once grows first (rule 3.5 c), else all of one kind grow alike.
    /// </summary>
    private void PlanHeadSize(long size)
    {
        Planner.RequireAny(map, DimensionRole.HeadDim, "--head-dim", "size of a head");
        foreach (Axis axis in map.Flow.Attentions.Select(a => a.Size))
        {
            Atom[] atoms = [.. axis.Atoms()];
            if (atoms.Length == 0 || !atoms.Any(a => DimensionOf(a) is { Role: DimensionRole.HeadDim }))
            {
                continue;
            }

            if (Evaluate(axis) == size)
            {
                continue;
            }

            bool found = atoms.GroupBy(a => a.Size).OrderBy(g => g.Count()).ThenByDescending(g => g.Key.Extent)
                .Any(g => DimensionOf(g.First()) is { Role: DimensionRole.HeadDim } d && d.CanGrowIf(sizes.WidenInterface) && Reach(axis, d, size));
            if (!found)
            {
                Dimension? stuck = atoms.Select(DimensionOf).FirstOrDefault(d => d?.WhyNot(sizes.WidenInterface) is not null);
                throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                    $"--head-dim {size}: a head of {axis.Extent} ({axis}) cannot become one of {size}{(stuck is null ? "; its parts grow alike, so give a multiple of theirs" : $": the dimension '{stuck.Name}' ({stuck.Extent}) cannot grow: {stuck.WhyNot(sizes.WidenInterface)}")}"));
            }
        }
    }

    private bool Reach(Axis axis, Dimension part, long size)
    {
        for (long extent = part.Extent; extent <= size; extent++)
        {
            if (Evaluate(axis, part, extent) == size)
            {
                Planner.Grow(sizes, part, extent, "--head-dim");
                return true;
            }
        }

        return false;
    }

    private Dimension? DimensionOf(Atom atom) => map.Find(atom.Size);

    private long? Evaluate(Axis axis, Dimension? changed = null, long extent = 0)
    {
        long product = 1;
        foreach (Factor factor in axis.Resolve())
        {
            long? size = factor is Atom atom
                ? DimensionOf(atom) is { } d ? d == changed ? extent : sizes.GetValueOrDefault(d.Name, d.Extent) : atom.Extent
                : ((Concatenation)factor).Parts.Aggregate((long?)0, (sum, p) => sum + Evaluate(p, changed, extent));
            if (size is not { } s)
            {
                return null;
            }

            product *= s;
        }

        return product;
    }
}
