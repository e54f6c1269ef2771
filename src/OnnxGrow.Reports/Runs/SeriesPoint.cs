namespace OnnxGrow.Reports.Runs;

/// <summary>A point of a curve.</summary>
/// <param name="Step">The step.</param>
/// <param name="Seconds">Seconds of the run until then.</param>
/// <param name="Entries">Entries that had counted.</param>
/// <param name="Value">The value, a finite number.</param>
internal readonly record struct SeriesPoint(long Step, double Seconds, long Entries, double Value);
