using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Testing;

/// <summary>Assertions about ONNX models, for any test framework.</summary>
public static class OnnxAssert
{
    /// <summary>
    /// Asserts that two model files compute the same: by certificate where the second was grown from the first, in float64, and
    /// as they are, on generated inputs or those of <see cref="EquivalenceOptions.InputsDir"/>.
    /// </summary>
    /// <param name="expected">The file of the model that is known to be right.</param>
    /// <param name="actual">The file of the model that should compute the same.</param>
    /// <param name="options">
    /// What to compare and how closely; null for all three proofs on the processor, with the tolerance of the weights' type. The
    /// number of layers and the certificate are read off the files, whatever the options say of them.
    /// </param>
    /// <returns>The report, which holds more than the verdict: errors of each output, what the inputs were taken for.</returns>
    /// <exception cref="NotEquivalentException">They differ, or nothing could be proved. The message is the report.</exception>
    /// <exception cref="BadInputException">A file or an option cannot be used.</exception>
    public static EquivalenceReport Equivalent(string expected, string actual, EquivalenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        return Judge(options ?? new EquivalenceOptions(), asked => VerifyJob.Run(expected, actual, asked));
    }

    /// <summary>
    /// The same of models that are open, as they are in memory, so that there is no certificate: in float64, and as they are.
    /// </summary>
    /// <param name="expected">The model that is known to be right; it stays open and is not changed.</param>
    /// <param name="actual">The model that should compute the same; likewise.</param>
    /// <param name="options">
    /// What to compare and how closely; null for both proofs on the processor. Say the number of layers with
    /// <see cref="EquivalenceOptions.Depth"/>, because rounding adds up over them.
    /// </param>
    /// <returns>The report.</returns>
    /// <exception cref="NotEquivalentException">They differ, or nothing could be proved. The message is the report.</exception>
    /// <exception cref="BadInputException">An option cannot be used.</exception>
    public static EquivalenceReport Equivalent(OnnxModel expected, OnnxModel actual, EquivalenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        return Judge(options ?? new EquivalenceOptions(), asked => EquivalenceChecker.Compare(expected, actual, options: asked));
    }

    private static EquivalenceReport Judge(EquivalenceOptions options, Func<EquivalenceOptions, EquivalenceReport> compare)
    {
        EquivalenceReport report = compare(options);
        if (report.Verdict == Verdict.NotEquivalent && !options.Layers)
        {
            // Where the two part is looked for when they do, not in every run of a test that passes.
            report = compare(options with { Layers = true });
        }

        return report.Verdict == Verdict.Equivalent ? report : throw new NotEquivalentException(report);
    }
}
