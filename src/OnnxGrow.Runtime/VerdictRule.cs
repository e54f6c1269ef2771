using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime;

/// <summary>
/// One verdict from several levels. Any level that refutes decides. Else the comparison as shipped must agree where it was
/// asked for, and one of the two exact proofs (certificate, witness) where either was: the one covers what the other
/// cannot (operators without a float64 form; two files without a plan).
/// </summary>
internal static class VerdictRule
{
    public static (Verdict Verdict, string Summary) Over(CertificateSummary? certificate, LevelReport? witness, LevelReport? shipped, string? notRun = null)
    {
        if (certificate is { Ran: true, Passed: false })
        {
            return (Verdict.NotEquivalent, "not equivalent: the certificate failed: " + certificate.Text);
        }

        if (witness is { Verdict: Verdict.NotEquivalent })
        {
            return (Verdict.NotEquivalent, "not equivalent in float64: " + witness.Reason);
        }

        if (shipped is { Verdict: Verdict.NotEquivalent })
        {
            return (Verdict.NotEquivalent, "not equivalent as shipped: " + shipped.Reason);
        }

        bool proved = certificate is { Ran: true, Passed: true } || witness is { Verdict: Verdict.Equivalent };
        bool wanted = certificate is { Ran: true } || witness is not null;
        if (shipped is { Verdict: Verdict.NotVerified })
        {
            return (Verdict.NotVerified, "not verified as shipped: " + shipped.Reason);
        }

        if (wanted && !proved)
        {
            return (Verdict.NotVerified, "not verified exactly: " + witness?.Reason);
        }

        return wanted || shipped is not null
            ? (Verdict.Equivalent, "equivalent: " + Text.List(Proofs(certificate, witness, shipped)) + Left(witness, shipped, notRun))
            : (Verdict.NotVerified, notRun is null ? "not verified: no level was asked for" : $"not verified: {certificate?.Text ?? "there is no certificate"}, and nothing else was run ({notRun})");
    }

    private static string Left(LevelReport? witness, LevelReport? shipped, string? notRun)
    {
        string[] left = [.. new[] { witness is null ? "in float64" : "", shipped is null ? "as shipped" : "" }.Where(t => t.Length > 0)];
        return notRun is null || left.Length == 0 ? "" : $"; not run {Text.List(left)} ({notRun})";
    }

    private static IEnumerable<string> Proofs(CertificateSummary? certificate, LevelReport? witness, LevelReport? shipped)
    {
        if (certificate is { Ran: true })
        {
            yield return "the certificate holds";
        }

        if (witness is not null)
        {
            yield return witness.Verdict == Verdict.Equivalent
                ? FormattableString.Invariant($"in float64 within {witness.RequiredTolerance:0.##e+0} (weights {witness.Weights})")
                : $"in float64 not run ({witness.Reason})";
        }

        if (shipped is not null)
        {
            yield return FormattableString.Invariant($"as shipped on {shipped.Provider} within {shipped.RequiredTolerance:0.##e+0}");
        }
    }
}
