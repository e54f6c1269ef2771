using System.Collections.Immutable;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Certificate;

/// <summary>Puts findings into results and words.</summary>
internal static class CertificateText
{
    /// <summary>The result of a check that went through.</summary>
    public static WeightCertificateResult Of(WeightRecipe recipe, Exactness exactness, ResidualTracker tracker)
    {
        ImmutableArray<long> dims = recipe.TargetDims;
        long count = dims.Aggregate(1L, (n, d) => checked(n * d));
        bool passed = tracker.FirstFailure < 0;
        ImmutableArray<long> first = passed ? [] : IndexOf(tracker.FirstFailure, dims);
        string name = $"'{Text.Name(recipe.Name)}'";
        string text = (passed, exactness) switch
        {
            (false, _) => $"{name} is not what its source grows into: entry [{string.Join(", ", first)}] {Failure(tracker)}",
            (_, <= Exactness.ExactWeights) when tracker.MaxResidual == 0 => $"{name}: {Text.Number(count)} entries, exact",
            _ => FormattableString.Invariant(
                $"{name}: {Text.Number(count)} entries, residual {tracker.MaxResidual:0.0e+0} (rounding allows {tracker.Bound:0.0e+0})"),
        };
        return new WeightCertificateResult
        {
            Name = recipe.Name,
            Class = exactness,
            Passed = passed,
            MaxResidual = tracker.MaxResidual,
            Bound = tracker.Bound,
            EntriesChecked = count,
            FirstOffending = first,
            SumsNotFinite = tracker.SumsNotFinite,
            Text = text,
        };
    }

    /// <summary>The result where nothing can be compared.</summary>
    public static WeightCertificateResult Broken(WeightRecipe recipe, string what) => new()
    {
        Name = recipe.Name,
        Class = RecipeExactness.Of(recipe),
        Passed = false,
        MaxResidual = double.PositiveInfinity,
        Bound = 0,
        EntriesChecked = 0,
        Text = $"'{Text.Name(recipe.Name)}' {what}",
    };

    private static string Failure(ResidualTracker tracker) =>
        double.IsFinite(tracker.FailureResidual)
            ? FormattableString.Invariant(
                $"is off by {tracker.FailureResidual:0.0e+0}, rounding allows {tracker.FailureBound:0.0e+0} (W~ P_in = P_out W, rule 0.1)")
            : tracker.FailureBound == double.MaxValue ? "is not a finite number (it is free, but 0 times it must be 0)"
            : "is not a finite number where its source is one, or the other way round";

    private static ImmutableArray<long> IndexOf(long position, ImmutableArray<long> dims)
    {
        long[] index = new long[dims.Length];
        for (int a = dims.Length - 1; a >= 0; a--)
        {
            (position, index[a]) = Math.DivRem(position, dims[a]);
        }

        return [.. index];
    }
}
