using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// A counter-based stream of random numbers: number k of a stream is a function of the seed, the stream's name and k
/// alone, so that any thread may compute any part of it. Only integers are mixed (the SplitMix64 generator and its
/// finalizer, the name by FNV-1a), so that every machine gives the same bits.
/// </summary>
internal readonly struct RandomStream
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    /// <summary>From a number's state to that of the same number of the next lane.</summary>
    public const ulong LaneStep = 0xD1B54A32D192ED03;

    private const ulong LowWords = 0x0000FFFF0000FFFF;

    /// <summary>One over the deviation of the integers that <see cref="Normal"/> sums.</summary>
    private static readonly double NormalScale = 1 / (Math.Sqrt(((8 * 4294967295.0) + 1) / 3) * (1L << 31));

    private readonly ulong _key;

    /// <summary>The stream of a raw key; key 0 counts through the reference sequence of SplitMix64 with seed 0.</summary>
    public RandomStream(ulong key) => _key = key;

    /// <summary>The stream of one tensor for one purpose.</summary>
    public RandomStream(ulong seed, string name, RandomPurpose purpose)
        : this(Mix(Mix(seed + Gamma) ^ Fnv1a(name)) + Mix((ulong)purpose * Gamma))
    {
    }

    /// <summary>The bound of <see cref="Normal"/>: no value is larger in magnitude.</summary>
    public const double NormalBound = 4.9;

    /// <summary>64 random bits: number <paramref name="counter"/> of lane <paramref name="lane"/>.</summary>
    public ulong Bits(ulong counter, ulong lane = 0) => Mix(State(counter, lane));

    /// <summary>What <see cref="Bits"/> mixes.</summary>
    public ulong State(ulong counter, ulong lane) => _key + (lane * LaneStep) + ((counter + 1) * Gamma);

    /// <summary>From the state of a number to those of as many as a vector holds, beginning with itself.</summary>
    public static Vector<ulong> Steps => Vector.CreateSequence(0UL, Gamma);

    /// <summary>From the states in a vector to those that follow them.</summary>
    public static Vector<ulong> Stride => new(Gamma * (ulong)Vector<ulong>.Count);

    /// <summary>The numbers of several states at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<ulong> Mix(Vector<ulong> z)
    {
        z = (z ^ (z >> 30)) * new Vector<ulong>(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * new Vector<ulong>(0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

    /// <summary>
    /// A number of mean 0 and variance 1, close to normal (the sum of eight uniform integers of 16 bits, the steps between
    /// filled by 32 bits more) and within <see cref="NormalBound"/>: no logarithm or cosine, whose last bits differ between
    /// machines. Takes two lanes.
    /// </summary>
    public double Normal(ulong counter, ulong lane = 0)
    {
        ulong a = Bits(counter, 2 * lane);
        ulong b = Bits(counter, (2 * lane) + 1);
        ulong halves = (a & LowWords) + ((a >> 16) & LowWords) + (b & LowWords) + ((b >> 16) & LowWords);
        long sum = (long)((halves & uint.MaxValue) + (halves >> 32));
        long fine = (long)(((a ^ BitOperations.RotateLeft(b, 32)) * LaneStep) >> 32);
        return ((((2 * sum) - (8 * 65535)) << 31) + fine - (1L << 31)) * NormalScale;
    }

    /// <summary>A number uniform in the open interval (-1, 1), symmetric about 0.</summary>
    public double SignedUniform(ulong counter) =>
        ((2 * (long)(Bits(counter) >> 11)) + 1 - (1L << 53)) * (1.0 / (1L << 53));

    /// <summary>FNV-1a, 64 bits, of the UTF-8 form.</summary>
    internal static ulong Fnv1a(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>What a stream's numbers are for: streams of different purposes are independent.</summary>
internal enum RandomPurpose
{
    /// <summary>How copies share an entry.</summary>
    Shares = 1,

    /// <summary>Entries that meet only zeros.</summary>
    Free = 2,

    /// <summary>Shares that sum to zero.</summary>
    ZeroSum = 3,

    /// <summary>Fresh initialisation.</summary>
    Fresh = 4,

    /// <summary>Which source entries copies are of.</summary>
    Map = 5,

    /// <summary>Noise that cancels.</summary>
    Noise = 6,
}
