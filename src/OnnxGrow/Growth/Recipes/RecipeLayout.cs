using System.Collections.Immutable;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// A recipe's axes as the evaluator walks them: checked, axes of extent 1 left out and short inner axes that do not grow
/// joined to the axis before, so that the last axis is worth a loop.
/// </summary>
internal sealed class RecipeLayout
{
    /// <summary>No more axes than a mask of averaging axes has bits.</summary>
    private const int MaxRank = 31;

    private const int ShortAxis = 64;
    private const int LongestJoinedAxis = 1 << 20;

    public RecipeLayout(WeightRecipe recipe)
    {
        Check(recipe);
        Axes = Join(recipe.Axes);
        long source = 1;
        long group = 1;
        for (int a = Axes.Length - 1; a >= 0; a--)
        {
            Axes[a].SourceStride = source;
            Axes[a].GroupStride = group;
            source = checked(source * Axes[a].Source);
            group = checked(group * Axes[a].GroupExtent);
        }

        LastRuns = Axes[^1].Runs();
        IsIdentity = recipe.Axes.All(a => a.Expansion.IsIdentity);
    }

    /// <summary>The axes; at least one.</summary>
    public RecipeAxisLayout[] Axes { get; }

    /// <summary>The runs of the last axis.</summary>
    public AxisRun[] LastRuns { get; }

    /// <summary>Whether no axis grows or is scaled.</summary>
    public bool IsIdentity { get; }

    /// <summary>
    /// The coefficient of every source entry: the recipe's factor, times the scale of the written activations, over the
    /// scale of the activations read. A gain's activation has the same scale before and after it.
    /// </summary>
    public static double CoefficientOf(WeightRecipe recipe)
    {
        double coefficient = recipe.Factor;
        foreach (RecipeAxis axis in recipe.Axes)
        {
            coefficient = axis.Role switch
            {
                AxisRole.Writer => coefficient * axis.Expansion.Scale,
                AxisRole.Reader => coefficient / axis.Expansion.Scale,
                _ => coefficient,
            };
        }

        return coefficient;
    }

    /// <summary>Whether a recipe leaves nothing of its source, and no shares that cancel either: there is nothing to choose.</summary>
    public static bool AddsNothing(WeightRecipe recipe) => CoefficientOf(recipe) == 0 && !recipe.ZeroSum;

    private static void Check(WeightRecipe recipe)
    {
        string name = Text.Name(recipe.Name);
        if (recipe.Axes.Length > MaxRank)
        {
            throw new CannotGrowException(
                ErrorCode.Weight, $"'{name}' has {recipe.Axes.Length} axes, and weights of at most {MaxRank} can grow or stand in a new layer; give the weight fewer axes and let a Reshape behind it add those of extent 1");
        }

        if (recipe.Axes.Length != recipe.SourceDims.Length)
        {
            throw new ArgumentException(
                $"the recipe of '{name}' has {recipe.Axes.Length} axes for a source of rank {recipe.SourceDims.Length}");
        }

        long count = 1;
        for (int a = 0; a < recipe.Axes.Length; a++)
        {
            (AxisRole role, AxisExpansion expansion) = recipe.Axes[a];
            if (expansion.Source != recipe.SourceDims[a])
            {
                throw new ArgumentException(
                    $"axis {a} of '{name}' has extent {recipe.SourceDims[a]}, but its expansion is one of {expansion.Source}");
            }

            count = checked(count * expansion.Source);
            CheckAxis(name, a, role, expansion);
        }

        if (count != recipe.Source.Count)
        {
            throw new ArgumentException($"the source of '{name}' holds {recipe.Source.Count} elements, its dims say {count}");
        }

        double coefficient = CoefficientOf(recipe);
        if (!double.IsFinite(coefficient) || !double.IsFinite(recipe.Offset))
        {
            throw new ArgumentException($"the recipe of '{name}' multiplies by {coefficient:R} with offset {recipe.Offset:R}");
        }
    }

    private static void CheckAxis(string name, int axis, AxisRole role, AxisExpansion expansion)
    {
        switch (role)
        {
            case AxisRole.Keep when !expansion.IsIdentity:
                throw new ArgumentException($"axis {axis} of '{name}' is kept, but its expansion is not the identity");
            case AxisRole.Gain when expansion.Map.IndexOfAnyInRange(int.MinValue, AxisExpansion.Zero - 1) >= 0:
                throw new CannotGrowException(
                    ErrorCode.Weight, $"axis {axis} of '{name}' multiplies an activation that carries averages, and an average of products is not "
                    + "the product of averages; grow the axis by a whole multiple");
            case AxisRole.Reader when expansion.Copies.Contains(0):
                throw new CannotGrowException(
                    ErrorCode.Weight, $"axis {axis} of '{name}' reads an activation of which index {expansion.Copies.IndexOf(0)} has no copy; "
                    + "every source index needs one");
        }
    }

    private static RecipeAxisLayout[] Join(ImmutableArray<RecipeAxis> axes)
    {
        var joined = new List<RecipeAxis>();
        foreach (RecipeAxis axis in axes)
        {
            AxisExpansion expansion = axis.Expansion;
            if (expansion.Source == 1 && expansion.IsIdentity)
            {
                continue;
            }

            RecipeAxis? outer = joined.Count == 0 ? null : joined[^1];
            bool joins = outer is not null && expansion.IsIdentity && expansion.Source < ShortAxis
                && expansion.Blocks.Length == 0 && outer.Expansion.Blocks.Length == 0 && outer.Expansion.Target > 0
                && (long)Math.Max(outer.Expansion.Target, outer.Expansion.Source) * expansion.Source <= LongestJoinedAxis;
            if (joins)
            {
                joined[^1] = outer! with { Expansion = AxisExpansion.Product(outer.Expansion, expansion) };
            }
            else
            {
                joined.Add(axis);
            }
        }

        if (joined.Count == 0)
        {
            joined.Add(new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(1)));
        }

        return [.. joined.Select(a => new RecipeAxisLayout(a.Role, a.Expansion))];
    }
}
