using OnnxGrow.Runtime.Reports;
using OnnxGrow.Runtime.Reports.Checks;

namespace OnnxGrow.Testing;

/// <summary>
/// Two models that should compute the same do not, or nothing could be proved; the message is the report as text.
/// </summary>
/// <remarks>
/// It derives from no framework's exception, so that a test project takes no second framework along: any framework shows an
/// exception's message. xunit tells a failed assertion from an error by the name of an interface, <see cref="IAssertionException"/>.
/// </remarks>
public sealed class NotEquivalentException : Exception, IAssertionException
{
    internal NotEquivalentException(EquivalenceReport report)
        : base(ReportText.Of(report)) => Report = report;

    /// <summary>The report that the message was made from.</summary>
    public EquivalenceReport Report { get; }
}
