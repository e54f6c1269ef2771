using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth;

/// <summary>Whether and how a dimension can grow, found by trying.</summary>
/// <param name="Dimension">Its name.</param>
/// <param name="CanGrow">Whether it can grow at all.</param>
/// <param name="AnyWidth">Whether to any extent, not only to whole multiples.</param>
/// <param name="Multiples">How exact a whole multiple is.</param>
/// <param name="Others">How exact other extents are.</param>
/// <param name="Text">All that in a line.</param>
public sealed record Growability(string Dimension, bool CanGrow, bool AnyWidth, Exactness? Multiples, Exactness? Others, string Text)
{
    /// <summary>
    /// Tries every dimension. Those of one role in different layers behave alike, so one of each role and extent is tried.
    /// </summary>
    public static IReadOnlyList<Growability> Of(ModelMap map)
    {
        var tried = new Dictionary<(DimensionRole, long, string), (Exactness?, Exactness?, string)>();
        var result = new List<Growability>();
        foreach (Dimension dimension in map.Dimensions)
        {
            if (dimension.WhyNot() is { } refusal)
            {
                result.Add(new Growability(dimension.Name, false, false, null, null, "no: " + refusal));
                continue;
            }

            var key = (dimension.Role, dimension.Extent, dimension.Role == DimensionRole.Other ? Place(map, dimension) : "");
            if (!tried.TryGetValue(key, out (Exactness? Multiples, Exactness? Others, string Why) found))
            {
                (Exactness? multiples, string why) = Try(map, dimension, dimension.Extent * 2);
                (Exactness? others, string whyNot) = dimension.Extent > 1 ? Try(map, dimension, dimension.Extent + 1) : (multiples, why);
                tried.Add(key, found = (multiples, others, multiples is null ? why : whyNot));
            }

            result.Add(new Growability(dimension.Name, found.Multiples is not null || found.Others is not null, found.Others is not null, found.Multiples, found.Others, Describe(dimension, found)));
        }

        return result;
    }

    /// <summary>
    /// Where a dimension without a role stands: that of one layer stands where those of the other layers of its stack do,
    /// which compute the same.
    /// </summary>
    private static string Place(ModelMap map, Dimension dimension) => dimension.Layer is not { } layer ? dimension.Name
        : FormattableString.Invariant($"{map.Layers[layer].Stack}#{dimension.Name.Split('#').ElementAtOrDefault(1)}#{dimension.Weights.Length}");

    /// <summary>Whether a dimension can grow to a size by itself.</summary>
    internal static bool Reaches(ModelMap map, Dimension dimension, long target) => dimension.CanGrow && Try(map, dimension, target).Class is not null;

    private static (Exactness? Class, string Why) Try(ModelMap map, Dimension dimension, long target)
    {
        try
        {
            var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(dimension.Name, target) };
            return (Grower.Try(map, plan), "");
        }
        catch (CannotGrowException e)
        {
            return (null, e.Message);
        }
    }

    private static string Describe(Dimension dimension, (Exactness? Multiples, Exactness? Others, string Why) found) => found switch
    {
        (null, null, var why) => "no: " + why,
        ({ } m, null, _) => FormattableString.Invariant($"to multiples of {dimension.Extent} ({Name(m)})"),
        ({ } m, { } o, _) when m == o => $"to any size ({Name(m)})",
        (_, { } o, _) => FormattableString.Invariant($"to any size (multiples of {dimension.Extent}: {(found.Multiples is { } m ? Name(m) : "no")}; others: {Name(o)})"),
    };

    /// <summary>The class as docs/growth-math.md letters it.</summary>
    public static string Letter(Exactness exactness) => exactness switch
    {
        Exactness.BitExact => "B0",
        Exactness.ExactWeights => "B1",
        Exactness.Rounded => "R",
        Exactness.Approximate => "A",
        _ => "L",
    };

    /// <summary>The class with its meaning.</summary>
    public static string Name(Exactness exactness) => exactness switch
    {
        Exactness.BitExact => "B0, bit-exact",
        Exactness.ExactWeights => "B1, exact weights",
        Exactness.Rounded => "R, rounded weights",
        Exactness.Approximate => "A, approximate",
        _ => "L, lossy",
    };
}
