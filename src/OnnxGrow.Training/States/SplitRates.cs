using System.Collections.Immutable;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Optimizers;

namespace OnnxGrow.Training.States;

/// <summary>
/// Learning rates of split columns (growth-math, rule 6.3): what reads m copies of a unit has m columns in place of one, each of
/// which an optimizer moves by a whole step, so that their sum would move m times as far. With 1/m of the rate it moves as far as the one
/// did. Rows that are copied, and columns that read an average, keep the whole rate: they share no column of the source.
/// </summary>
internal static class SplitRates
{
    /// <summary>The rates of a grown model's weights by name; weights that are not split are missing.</summary>
    /// <param name="grown">The model, with the metadata that 'grow' writes.</param>
    /// <exception cref="BadInputException">The metadata do not say how it was grown.</exception>
    public static IReadOnlyDictionary<string, RelativeRate> Of(OnnxModel grown) => Shrinker.AxesOf(grown)
        .Select(w => (w.Key, Rate: RateOf(w.Value)))
        .Where(w => !w.Rate.IsOne)
        .ToDictionary(w => w.Key, w => w.Rate, StringComparer.Ordinal);

    private static RelativeRate RateOf(ImmutableArray<RecipeAxis> axes) => RelativeRate.Of(
        axes.Length, axes.Select((axis, i) => (i, axis)).Where(a => a.axis.Role == AxisRole.Reader).Select(a => (a.i, FactorsOf(a.axis.Expansion))));

    private static double[] FactorsOf(AxisExpansion expansion)
    {
        double[] factors = new double[expansion.Target];
        for (int j = 0; j < factors.Length; j++)
        {
            factors[j] = expansion.Map[j] is >= 0 and var source ? 1.0 / expansion.Copies[source] : 1;
        }

        return factors;
    }
}
