using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Explain;

/// <summary>Reads off a recipe how a grown tensor is made.</summary>
internal static partial class WeightGrowthReader
{
    public static WeightGrowth Read(GrownWeight weight, GrownModel grown)
    {
        if (weight.Recipe is not { } recipe)
        {
            return new WeightGrowth
            {
                Name = weight.Name,
                Source = weight.SourceName,
                SourceDims = [],
                TargetDims = [.. weight.Tensor.Dims],
                Exactness = Exactness.Lossy,
                Values = "freshly initialised: matrices and tables normal with deviation 0.02, gains 1, biases 0; nothing of the source is kept",
                Seed = grown.Plan.Seed,
                Streams = [weight.Name + "/fresh"],
            };
        }

        double coefficient = RecipeLayout.CoefficientOf(recipe);
        return new WeightGrowth
        {
            Name = weight.Name,
            Source = weight.SourceName,
            Origin = OriginOf(weight.Name, recipe, grown.Plan),
            SourceDims = recipe.SourceDims,
            TargetDims = recipe.TargetDims,
            Exactness = grown.Method.IsLossless ? RecipeExactness.Of(recipe) : Worse(RecipeExactness.Of(recipe), recipe.IsLossy),
            Axes = [.. recipe.Axes.Select((a, i) => new AxisGrowth(i, a.Expansion.Source, a.Expansion.Target, a.Role.ToString(), ExpansionText.Words(a.Role, a.Expansion, recipe), ExpansionText.Map(a.Role, a.Expansion)))],
            Coefficient = coefficient,
            Values = ValuesOf(recipe, coefficient),
            Seed = recipe.Seed,
            Streams = StreamsOf(recipe, coefficient),
            Rules = [.. recipe.Rules.Select(RuleTable.Of)],
        };
    }

    private static Exactness Worse(Exactness exactness, bool isLossy) => isLossy ? Exactness.Lossy : exactness;

    private static string ValuesOf(WeightRecipe recipe, double coefficient)
    {
        string from = recipe.NewFrom is null ? "" : "; new entries come from the layer behind";
        if (coefficient == 0)
        {
            return recipe.ZeroSum && recipe.Axes.Any(a => a.Role == AxisRole.Reader && a.Expansion.Copies.Any(c => c > 1))
                ? "random values that sum to exactly zero over the copies that they meet"
                : recipe.Offset == 0 ? "all zeros, so that nothing is added"
                : string.Create(CultureInfo.InvariantCulture, $"{-recipe.Offset:R} throughout");
        }

        if (recipe.Offset != 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{coefficient:R} * (source + {recipe.Offset:R}) - {recipe.Offset:R}") + from;
        }

        return (coefficient == 1 ? "the source's entries as they are (times 1)" : string.Create(CultureInfo.InvariantCulture, $"the source's entries, times {coefficient:R}")) + from;
    }

    private static ImmutableArray<string> StreamsOf(WeightRecipe recipe, double coefficient)
    {
        var streams = ImmutableArray.CreateBuilder<string>();
        bool shares = recipe.Axes.Any(a => a.Role == AxisRole.Reader && a.Expansion.Copies.Any(c => c > 1));
        if (shares && coefficient == 0 && recipe.ZeroSum)
        {
            streams.Add(recipe.Name + "/zero sum");
        }
        else if (shares && coefficient != 0 && recipe.Split == SplitStyle.Random && recipe.Init is null)
        {
            streams.Add(recipe.Name + "/shares");
        }

        if (shares && recipe.NoiseDb is not null)
        {
            streams.Add(recipe.Name + "/noise");
        }

        bool free = recipe.Axes.Any(a => a.Role is AxisRole.Reader or AxisRole.Gain or AxisRole.Append && a.Expansion.Map.Contains(AxisExpansion.Zero));
        if (free && recipe.Free == FreeFill.Random && recipe.Init is null && !RecipeLayout.AddsNothing(recipe))
        {
            streams.Add(recipe.Name + "/free");
        }

        return streams.ToImmutable();
    }

    /// <summary>New layers are numbered in the order in which they are put in, and their tensors carry the number.</summary>
    private static string? OriginOf(string name, WeightRecipe recipe, GrowthPlan plan)
    {
        Match match = LayerNumber().Match(name);
        LayerInsertion[] order = [.. plan.Layers.GroupBy(l => l.After).SelectMany(g => g)];
        if (!recipe.Rules.Any(r => r is "4.1" or "4.2" or "4.4" or "L.2") || !match.Success
            || !int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number >= order.Length)
        {
            return null;
        }

        return string.Create(CultureInfo.InvariantCulture, $"in a new layer: a copy of layer {order[number].CopyOf}, put behind layer {order[number].After}");
    }

    [GeneratedRegex("_grown([0-9]{1,9})(?:_[0-9]+)?$")]
    private static partial Regex LayerNumber();
}
