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
    /// Whether it comes back bit for bit whatever its values are: nothing that is read back was rounded. Averages that are
    /// written do not count, because they stand beside whole copies.
    /// </summary>
    public static bool IsExact(WeightRecipe recipe)
    {
        if (RecipeLayout.CoefficientOf(recipe) != 1)
        {
            return false;
        }

        foreach (AxisExpansion read in recipe.Axes.Where(a => a.Role == AxisRole.Reader).Select(a => a.Expansion))
        {
            bool averages = read.Map.IndexOfAnyInRange(int.MinValue, AxisExpansion.Zero - 1) >= 0;
            bool thirds = recipe.Split == SplitStyle.Equal && read.Copies.Any(c => !BitOperations.IsPow2(c));
            if (averages || thirds)
            {
                return false;
            }
        }

        return true;
    }
}
