namespace OnnxGrow.Growth.Plans;

/// <summary>Target sizes as they are planned, by dimension.</summary>
internal sealed class PlannedSizes(bool widenInterface, int maxFactor) : SortedDictionary<string, long>(StringComparer.Ordinal)
{
    /// <summary>Whether inputs and outputs may become wider.</summary>
    public bool WidenInterface { get; } = widenInterface;

    /// <summary>Largest growth of one size.</summary>
    public int MaxFactor { get; } = maxFactor;
}
