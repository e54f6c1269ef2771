namespace OnnxGrow.Runtime.Inputs;

/// <summary>Finds between which lengths a model runs, with few runs.</summary>
internal static class LengthRange
{
    /// <param name="limit">The longest length of interest.</param>
    /// <param name="hints">Lengths at which the model may well end.</param>
    /// <param name="runs">Whether the model runs at a length.</param>
    public static (long Shortest, long Longest) Find(long limit, IReadOnlyList<long> hints, Func<long, bool> runs)
    {
        if (runs(limit))
        {
            return (runs(1) ? 1 : limit, limit);
        }

        long good = 0, bad = limit;
        foreach (long hint in hints.Where(h => h < limit))
        {
            if (hint > good && hint < bad)
            {
                (good, bad) = runs(hint) ? (hint, bad) : (good, hint);
            }

            if (good == hint && hint + 1 < bad && !runs(hint + 1))
            {
                bad = hint + 1;
            }
        }

        if (good == 0)
        {
            good = Start(bad, runs);
            if (good == 0)
            {
                throw new NotVerifiedException(ErrorCode.NoInputs, "the model runs at no sequence length that was tried; give inputs with --inputs");
            }
        }

        while (bad - good > 1)
        {
            long middle = good + ((bad - good) / 2);
            (good, bad) = runs(middle) ? (middle, bad) : (good, middle);
        }

        return (runs(1) ? 1 : good, good);
    }

    private static long Start(long below, Func<long, bool> runs)
    {
        foreach (long length in new long[] { 5, 8, 16, 1 })
        {
            if (length < below && runs(length))
            {
                return length;
            }
        }

        for (long length = below / 2; length > 0; length /= 2)
        {
            if (runs(length))
            {
                return length;
            }
        }

        return 0;
    }
}
