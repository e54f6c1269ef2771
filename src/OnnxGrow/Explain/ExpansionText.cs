using System.Globalization;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Explain;

/// <summary>Expansions in words ("2 whole copies") and as abbreviated copy maps ("0..47 = 0..47, 48..95 = 0..47").</summary>
internal static class ExpansionText
{
    private const int MostRuns = 6;

    /// <summary>What the grown axis holds, as the role of the axis has it.</summary>
    public static string Words(AxisRole role, AxisExpansion expansion, WeightRecipe? recipe = null)
    {
        if (role == AxisRole.Keep || (expansion.IsIdentity && role != AxisRole.Reader))
        {
            return "stays as it is";
        }

        (int zeros, int means) = Count(expansion);
        string copies = Copies(expansion);
        return role switch
        {
            AxisRole.Append => string.Create(CultureInfo.InvariantCulture, $"the old entries stay, and {zeros} new {(zeros == 1 ? "one follows" : "ones follow")}, drawn at random"),
            AxisRole.Reader => Join($"what arrives holds {copies}, and " + WeightsOf(expansion, recipe),
                zeros, recipe?.Free == FreeFill.Zero ? "meet zeros and are zero" : "meet zeros, so that any value does: random",
                means, "meet means and are zero"),
            AxisRole.Gain => Join($"{copies}, each multiplied as the old entry was", zeros, recipe?.Free switch
            {
                FreeFill.One => "are 1, since the mean before is weighted already",
                FreeFill.Zero => "meet zeros and are zero",
                _ => "meet zeros, so that any value does: random",
            }, means, "hold the mean"),
            _ => Join(copies, zeros, "are zero", means, expansion.Weights is null ? "hold the mean of the old ones" : "hold the weighted mean of the old ones"),
        };
    }

    /// <summary>Which source entry each grown one holds, in runs; cut after a few.</summary>
    public static string Map(AxisRole role, AxisExpansion expansion)
    {
        var runs = new List<string>();
        int count = 0;
        for (int j = 0; j < expansion.Target;)
        {
            int start = j;
            int first = expansion.Map[j++];
            while (j < expansion.Target && expansion.Map[j] == (first >= 0 ? first + (j - start) : first))
            {
                j++;
            }

            if (++count <= MostRuns)
            {
                runs.Add($"{Range(start, j - start)} = {Held(role, expansion, first, j - start)}");
            }
        }

        string more = count > MostRuns ? string.Create(CultureInfo.InvariantCulture, $", ... and {count - MostRuns} more runs") : "";
        return string.Join(", ", runs) + more;
    }

    private static string WeightsOf(AxisExpansion expansion, WeightRecipe? recipe)
    {
        bool once = expansion.Copies.All(c => c == 1);
        if (recipe is not null && RecipeLayout.CoefficientOf(recipe) == 0)
        {
            return recipe.ZeroSum && !once ? "the weights that meet copies of one entry add up to zero" : "the weights are zero";
        }

        return once ? "the weights for those stay"
            : "the weights that meet copies of one entry add up to the old weight" + (recipe is null ? "" : $", {SharesOf(recipe)}");
    }

    private static string SharesOf(WeightRecipe recipe) =>
        recipe.Init is not null ? "as near to the given initialisation as they can be"
        : recipe.Split == SplitStyle.Equal ? recipe.NoiseDb is null ? "in equal parts" : "in equal parts, with noise that cancels"
        : "in random parts";

    private static string Copies(AxisExpansion expansion)
    {
        int least = expansion.Copies.IsEmpty ? 0 : expansion.Copies.Min();
        int most = expansion.Copies.IsEmpty ? 0 : expansion.Copies.Max();
        return (least, most) switch
        {
            (1, 1) => "every old entry once",
            _ when least == most => string.Create(CultureInfo.InvariantCulture, $"{least} whole copies"),
            _ => string.Create(CultureInfo.InvariantCulture, $"every old entry {least} to {most} times"),
        };
    }

    private static string Join(string text, int zeros, string ofZeros, int means, string ofMeans) =>
        text + (zeros > 0 ? $"; {Entries(zeros)} {ofZeros}" : "") + (means > 0 ? $"; {Entries(means)} {ofMeans}" : "");

    private static string Entries(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "entry" : "entries")}");

    private static (int Zeros, int Means) Count(AxisExpansion expansion)
    {
        int zeros = 0;
        int means = 0;
        foreach (int j in expansion.Map)
        {
            zeros += j == AxisExpansion.Zero ? 1 : 0;
            means += j < AxisExpansion.Zero ? 1 : 0;
        }

        return (zeros, means);
    }

    private static string Held(AxisRole role, AxisExpansion expansion, int first, int length) => (role, first) switch
    {
        (AxisRole.Reader, >= 0) when expansion.Copies.Any(c => c > 1) => "share of " + Range(first, length),
        (_, >= 0) => Range(first, length),
        (AxisRole.Append, AxisExpansion.Zero) => "new",
        (AxisRole.Reader or AxisRole.Gain, AxisExpansion.Zero) => "free",
        (AxisRole.Reader, _) or (_, AxisExpansion.Zero) => "0",
        _ => "mean of " + Range(expansion.Blocks[-2 - first].Start, expansion.Blocks[-2 - first].Count),
    };

    private static string Range(int start, int length) => length == 1
        ? start.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{start}..{start + length - 1}");
}
