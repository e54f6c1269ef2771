namespace OnnxGrow.Certificate;

/// <summary>Counts through the indices of some axes, the last the fastest.</summary>
internal static class Odometer
{
    /// <summary>Goes to the next index; false after the last, which leaves all zeros.</summary>
    public static bool Next(Span<int> index, Func<int, int> extent)
    {
        for (int a = index.Length - 1; a >= 0; a--)
        {
            if (++index[a] < extent(a))
            {
                return true;
            }

            index[a] = 0;
        }

        return false;
    }
}
