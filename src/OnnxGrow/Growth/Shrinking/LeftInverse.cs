using System.Numerics;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// What a recipe loses: whether its source follows from the grown tensor, and whether it does so bit for bit. Told from the
/// recipe alone.
/// </summary>
internal static class LeftInverse
{
    /// <summary>Whether every source entry is in the grown tensor.</summary>
    public static bool Determines(WeightRecipe recipe)
    {
        double coefficient = RecipeLayout.CoefficientOf(recipe);
        bool plain = coefficient == 1 && recipe.Axes.All(a => a.Expansion.IsIdentity);
        return coefficient != 0 && double.IsFinite(coefficient)
            && (plain || ElementTypes.IsGrowable(recipe.Source.ElementType))
            && recipe.Axes.All(a => !a.Expansion.Copies.Contains(0));
    }

    /// <summary>
    /// Whether it comes back bit for bit whatever its values are: no entry that is read back was rounded. Averages do not
    /// count: beside one that is written there is a whole copy, and readers put zeros where they meet one.
    /// </summary>
    public static bool IsExact(WeightRecipe recipe) =>
        RecipeLayout.CoefficientOf(recipe) == 1
        && !recipe.Axes.Any(a => a.Role == AxisRole.Reader && a.Expansion.Copies.Any(c =>
            recipe.Init is not null ? c > 1 : recipe.Split == SplitStyle.Equal && !BitOperations.IsPow2(c)));
}
