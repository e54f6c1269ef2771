using OnnxGrow.Certificate;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>The core's certificate as a part of the report.</summary>
internal static class Proofs
{
    public static CertificateSummary Summarise(ModelCertificate certificate) =>
        new(true, certificate.Passed, certificate.Text) { Faults = certificate.Faults };

    public static CertificateSummary Skipped(string why) => new(false, false, why);
}
