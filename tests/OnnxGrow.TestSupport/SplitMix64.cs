namespace OnnxGrow.TestSupport;

/// <summary>A small generator whose numbers are the same everywhere and for ever (Steele, Lea, Flood 2014).</summary>
public sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public int Int(int from, int to) => from + (int)(Next() % (ulong)(to - from + 1));

    /// <summary>True half of the time.</summary>
    public bool Coin() => (Next() >> 63) == 0;

    /// <summary>One of these.</summary>
    public T Pick<T>(params T[] items) => items[Int(0, items.Length - 1)];

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Roughly normal, with mean 0 and deviation 1.</summary>
    public double Normal()
    {
        double sum = 0;
        for (int i = 0; i < 12; i++)
        {
            sum += Unit();
        }

        return sum - 6;
    }
}
