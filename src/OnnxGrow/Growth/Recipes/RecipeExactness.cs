using System.Numerics;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>How exact a recipe is, told from the recipe alone.</summary>
public static class RecipeExactness
{
    /// <summary>
    /// The exactness class: <see cref="Exactness.BitExact"/> for plain copies (and zeros),
    /// <see cref="Exactness.ExactWeights"/> where entries are shared among copies without rounding or scaled by a power of
    /// two (which is exact but for entries that it takes below the type's normal numbers, or above its largest),
    /// <see cref="Exactness.Rounded"/> for averages and all other scales and shares; <see cref="Exactness.Lossy"/> where the
    /// recipe says so.
    /// </summary>
    public static Exactness Of(WeightRecipe recipe)
    {
        ElementType type = recipe.Source.ElementType;
        if (!ElementTypes.IsGrowable(type))
        {
            return Exactness.BitExact;
        }

        if (recipe.IsLossy)
        {
            return Exactness.Lossy;
        }

        double coefficient = RecipeLayout.CoefficientOf(recipe);
        AxisExpansion[] readers = [.. recipe.Axes.Where(a => a.Role == AxisRole.Reader).Select(a => a.Expansion)];
        if (recipe.Init is not null && !RecipeLayout.AddsNothing(recipe) && readers.Any(r => r.Copies.Any(c => c > 1)))
        {
            return Exactness.Rounded;
        }

        if (coefficient == 0)
        {
            return ElementTypes.Round(type, recipe.Offset) != recipe.Offset ? Exactness.Rounded
                : recipe.ZeroSum && readers.Any(r => r.Copies.Any(c => c > 1)) ? Exactness.ExactWeights
                : Exactness.BitExact;
        }

        bool averages = recipe.Axes.Any(a =>
            a.Role == AxisRole.Writer && a.Expansion.Map.IndexOfAnyInRange(int.MinValue, AxisExpansion.Zero - 1) >= 0);
        bool thirds = recipe.Split == SplitStyle.Equal && readers.Any(r => r.Copies.Any(c => !BitOperations.IsPow2(c)));
        bool scaled = coefficient != 1;
        if (averages || thirds || (scaled && (recipe.Offset != 0 || !IsPowerOfTwo(coefficient))))
        {
            return Exactness.Rounded;
        }

        return scaled || readers.Any(r => !IsUnchanged(r)) ? Exactness.ExactWeights : Exactness.BitExact;
    }

    /// <summary>Whether a float64 is a power of two, or minus one.</summary>
    private static bool IsPowerOfTwo(double value) =>
        double.IsNormal(value) && (BitConverter.DoubleToUInt64Bits(value) & ((1UL << 52) - 1)) == 0;

    /// <summary>Whether an expansion maps every index to itself, whatever its scale.</summary>
    private static bool IsUnchanged(AxisExpansion expansion)
    {
        for (int j = 0; j < expansion.Target; j++)
        {
            if (expansion.Map[j] != j)
            {
                return false;
            }
        }

        return expansion.Target == expansion.Source;
    }
}
