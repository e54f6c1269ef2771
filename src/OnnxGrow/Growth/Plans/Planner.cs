using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Explain;

namespace OnnxGrow.Growth.Plans;

/// <summary>Makes a complete plan of a request: sizes that follow from others, and the places of new layers.</summary>
public static class Planner
{
    /// <summary>Makes the plan.</summary>
    /// <param name="map">The source model.</param>
    /// <param name="request">What is asked for.</param>
    /// <exception cref="CannotGrowException">The request does not fit the model; the message gives the nearest that does.</exception>
    public static GrowthPlan Plan(ModelMap map, GrowthRequest request)
    {
        var sizes = new PlannedSizes(request.WidenInterface, map.Model.Limits.MaxFactor);
        PlanWidth(map, request, sizes);
        ImmutableArray<LayerInsertion> layers = DepthPlanner.Plan(map, request);
        var plan = new GrowthPlan
        {
            Method = request.Method,
            Seed = request.Seed,
            Dimensions = sizes.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Layers = layers,
            Block = request.Block,
            WidenInterface = request.WidenInterface,
            NoiseDb = request.NoiseDb,
            Init = request.Init is { } init ? new InitFile(init, null) : null,
        };
        return plan;
    }

    private static void PlanWidth(ModelMap map, GrowthRequest request, PlannedSizes sizes)
    {
        Dimension? hidden = map.Hidden;
        long width = hidden?.Extent ?? 0;
        if (request.Hidden is { } target)
        {
            if (hidden is null)
            {
                throw new CannotGrowException(ErrorCode.Dimension, "--hidden: no residual width was found in this model (no norm runs over an axis of known size); see 'inspect'");
            }

            Grow(sizes, hidden, target, "--hidden");
            width = target;
        }

        bool follow = request.Hidden is not null;
        new HeadPlanner(map, request, sizes).Run();
        foreach (Dimension ffn in map.Of(DimensionRole.Ffn))
        {
            if (request.Ffn is { } fixedSize)
            {
                Grow(sizes, ffn, fixedSize, "--ffn");
            }
            else if (request.FfnRatio is { } ratio)
            {
                Grow(sizes, ffn, Whole(ratio * width, "--ffn", string.Create(CultureInfo.InvariantCulture, $"x{ratio} of {width}")), "--ffn");
            }
            else if (follow && ffn.CanGrowIf(sizes.WidenInterface))
            {
                Grow(sizes, ffn, Proportional(ffn.Extent, hidden!.Extent, width), "--hidden");
            }
        }

        if (request.Ffn is not null || request.FfnRatio is not null)
        {
            RequireAny(map, DimensionRole.Ffn, "--ffn", "feed-forward width");
        }

        Set(map, DimensionRole.Vocabulary, request.Vocabulary, "--vocabulary", "table of tokens", sizes);
        Set(map, DimensionRole.Positions, request.Positions, "--positions", "table of positions", sizes);
        Set(map, DimensionRole.Classes, request.Classes, "--classes", "classifier", sizes);
        Set(map, DimensionRole.Experts, request.Experts, "--experts", "mixture of experts", sizes);
        foreach ((string name, long size) in request.Sizes)
        {
            Dimension one = map.Find(name) ?? throw new CannotGrowException(
                ErrorCode.Dimension, $"--size {Text.Name(name)}: this model has no such dimension; it has {Growable(map, name)}");
            Grow(sizes, one, size, "--size " + name);
        }

        // Widths outside the layers that equal the residual width are tied to it by every framework's configuration. They
        // follow where they can; a head whose norm does not allow the width stays as it is, which changes nothing.
        foreach (Dimension inner in map.Of(DimensionRole.Inner))
        {
            if (follow && inner.Extent == hidden!.Extent && Growability.Reaches(map, inner, width))
            {
                Grow(sizes, inner, width, "--hidden");
            }
        }
    }

    private static void Set(ModelMap map, DimensionRole role, long? size, string option, string what, PlannedSizes sizes)
    {
        if (size is not { } target)
        {
            return;
        }

        RequireAny(map, role, option, what);
        foreach (Dimension dimension in map.Of(role))
        {
            Grow(sizes, dimension, target, option);
        }
    }

    internal static void RequireAny(ModelMap map, DimensionRole role, string option, string what)
    {
        if (!map.Of(role).Any())
        {
            throw new CannotGrowException(ErrorCode.Dimension, $"{option}: no {what} found in this model; see 'inspect' for the dimensions that it has");
        }
    }

    internal static void Grow(PlannedSizes sizes, Dimension dimension, long target, string option)
    {
        Check(dimension, target, option, sizes.WidenInterface, sizes.MaxFactor);
        if (target != dimension.Extent || dimension.Role == DimensionRole.Hidden)
        {
            sizes[dimension.Name] = target;
        }
    }

    /// <summary>Checks one target size of a plan.</summary>
    /// <exception cref="CannotGrowException">The size cannot be reached.</exception>
    internal static void Check(Dimension dimension, long target, string option, bool widenInterface, int maxFactor)
    {
        if (target < dimension.Extent)
        {
            throw new CannotGrowException(ErrorCode.Dimension, string.Create(CultureInfo.InvariantCulture,
                $"{option} {target}: smaller than the source's {dimension.Extent} ({dimension.Name}); a model can only grow: give {dimension.Extent} or more"));
        }

        long most = Math.Min(Math.Min(dimension.Extent, int.MaxValue) * maxFactor, int.MaxValue);
        if (target > most)
        {
            throw new CannotGrowException(ErrorCode.Dimension, string.Create(CultureInfo.InvariantCulture,
                $"{option} {target}: more than {maxFactor} times the source's {dimension.Extent} ({dimension.Name}); the largest is {most}{(most < int.MaxValue ? " (--limit factor=N raises it)" : "")}"));
        }

        if (target != dimension.Extent && dimension.WhyNot(widenInterface) is { } why)
        {
            throw new CannotGrowException(ErrorCode.Dimension, string.Create(CultureInfo.InvariantCulture,
                $"{option} {target}: the dimension '{dimension.Name}' ({dimension.Extent}) cannot grow: {why}"));
        }
    }

    /// <summary>The dimensions that can grow, for a message about a name that none has: a file may hold thousands.</summary>
    internal static string Growable(ModelMap map, string name)
    {
        string[] names = [.. map.Dimensions.Where(d => d.CanGrow).OrderBy(d => d.Role == DimensionRole.Other).Select(d => d.Name)];
        IReadOnlyList<string> near = names.Length > Text.MaxShown ? NearestNames.To(name, names, 3) : [];
        return Text.Some(names) + (near.Count == 0 ? "" : $"; closest to this name: {string.Join(", ", near)}");
    }

    private static long Proportional(long inner, long from, long to)
    {
        double exact = (double)inner * to / from;
        return (long)Math.Round(exact, MidpointRounding.AwayFromZero);
    }

    private static long Whole(double value, string option, string what) =>
        value == Math.Floor(value) && value is > 0 and < int.MaxValue ? (long)value
        : throw new CannotGrowException(ErrorCode.Dimension, $"{option}: {what} is not a whole number");
}
