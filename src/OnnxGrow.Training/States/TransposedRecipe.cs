using System.Collections.Immutable;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.States;

/// <summary>
/// What becomes of a gradient when its weight grows by a recipe (growth-math, rule 6.1). With W~ P_in = P_out W a weight's gradient
/// is its output's times its input: inputs are copied by P_in, and what comes back to a copy of an output is its share of what
/// came back to the source's, an equal one where its readers share equally. So readers' axes are copied, and writers' and gains'
/// shared; a weight that is c times the source's has a gradient of 1/c.
/// </summary>
internal static class TransposedRecipe
{
    /// <summary>Whether the gradients of a grown weight follow from the source's: not where it adds nothing, or comes from another.</summary>
    public static bool Exists(WeightRecipe recipe) =>
        recipe.NewFrom is null && RecipeLayout.CoefficientOf(recipe) is var c && c != 0 && double.IsFinite(1 / c)
        && recipe.Axes.All(a => !a.Expansion.Copies.Contains(0));

    /// <summary>The recipe of a moment, and the coefficient of its entries (once for each power of the gradient).</summary>
    /// <param name="recipe">How the weight grows.</param>
    /// <param name="state">The source's moment.</param>
    /// <param name="power">The power of the gradient that it is a mean of.</param>
    public static (WeightRecipe Recipe, double Coefficient) Of(WeightRecipe recipe, TensorData state, int power)
    {
        double coefficient = 1 / RecipeLayout.CoefficientOf(recipe);
        var axes = ImmutableArray.CreateBuilder<RecipeAxis>(recipe.Axes.Length);
        foreach ((AxisRole role, AxisExpansion expansion) in recipe.Axes)
        {
            AxisExpansion plain = expansion.Scale == 1 ? expansion : expansion.Times(1 / expansion.Scale);
            if (role is AxisRole.Keep)
            {
                axes.Add(new RecipeAxis(role, expansion));
            }
            else if (role is AxisRole.Reader or AxisRole.Append)
            {
                axes.Add(new RecipeAxis(AxisRole.Writer, plain));
            }
            else if (power == 2 && !plain.Blocks.IsEmpty && plain.Copies.All(c => c == plain.Copies[0]))
            {
                // The rows beside the whole copies get gradients that do not follow from the source's. For their sizes those of
                // the rows that they average stand in; as an axis that shares, it would have none.
                coefficient /= plain.Copies[0];
                axes.Add(new RecipeAxis(AxisRole.Writer, plain));
            }
            else
            {
                axes.Add(new RecipeAxis(AxisRole.Reader, plain));
            }
        }

        return (recipe with
        {
            Source = state,
            Axes = axes.DrainToImmutable(),
            Factor = 1,
            Offset = 0,
            Init = null,
            NoiseDb = null,
            ZeroSum = false,
            Free = FreeFill.Zero,
            Split = SplitStyle.Equal,
        }, coefficient);
    }
}
