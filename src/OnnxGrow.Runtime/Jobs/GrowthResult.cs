using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>What came of a growth.</summary>
/// <param name="Output">Where the model was to go.</param>
/// <param name="Written">Whether it is there; a model that failed its proof is not.</param>
/// <param name="Verdict">The verdict in words.</param>
/// <param name="Report">What was compared; null where nothing was.</param>
/// <param name="ExitCode">What the command ends with.</param>
public sealed record GrowthResult(string Output, bool Written, string Verdict, EquivalenceReport? Report, ExitCode ExitCode);
