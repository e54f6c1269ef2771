namespace OnnxGrow.Runtime.Inputs;

/// <summary>Which batch sizes and lengths are run.</summary>
internal static class CaseSizes
{
    private static readonly long[] Telling = [1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 23, 31, 32, 33, 47, 63, 64, 65, 97, 127, 128, 129];

    /// <param name="plan">What the dynamic extents count.</param>
    /// <param name="shortest">The shortest length.</param>
    /// <param name="longest">The longest length.</param>
    /// <param name="sweep">Whether every length between is to be run.</param>
    /// <param name="emptyPast">Whether the model runs on an empty cache.</param>
    public static IEnumerable<CaseSize> Make(DimPlan plan, long shortest, long longest, bool sweep, bool emptyPast)
    {
        long[] pasts = !plan.HasPast ? [0] : emptyPast ? [3, 0, 1] : [3, 2, 1];
        if (!plan.HasLength)
        {
            return from batch in plan.HasBatch ? new long[] { 1, 2, 3, 5 } : [1, 1, 1, 1]
                   from past in pasts
                   select new CaseSize(batch, 1, past);
        }

        long[] lengths = sweep && longest > shortest
            ? [.. Enumerable.Range((int)shortest, (int)(longest - shortest + 1)).Select(l => (long)l)]
            : [.. Telling.Concat([longest / 2, longest - 1, longest]).Where(l => l >= shortest && l <= longest).Distinct().Order()];
        long middle = lengths[lengths.Length / 2];
        CaseSize[] extra = plan.HasBatch
            ? [new(1, shortest, pasts[0]), new(1, longest, pasts[0]), new(3, middle, pasts[0]), new(1, middle, pasts[0])]
            : [new(1, longest, pasts[0]), new(1, middle, pasts[0])];
        return lengths.Select((length, i) => new CaseSize(2, length, pasts[i % pasts.Length])).Concat(extra);
    }
}
