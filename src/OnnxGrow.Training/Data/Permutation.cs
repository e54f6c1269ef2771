using System.Numerics;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Training.Data;

/// <summary>
/// An order of 0 to count-1 that is computed and not stored: a Feistel network over the next power of four, whose results
/// beyond the count are put through it again.
/// </summary>
internal sealed class Permutation
{
    private const int Rounds = 8;
    private readonly long _count;
    private readonly int _half;
    private readonly ulong[] _keys = new ulong[Rounds];

    public Permutation(ulong seed, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _count = count;
        _half = Math.Max(1, (65 - BitOperations.LeadingZeroCount((ulong)(count - 1))) / 2);
        var random = new SplitMix64(seed);
        for (int i = 0; i < Rounds; i++)
        {
            _keys[i] = random.Next();
        }
    }

    public long this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)index, (ulong)_count);
            do
            {
                index = Once(index);
            }
            while (index >= _count);

            return index;
        }
    }

    private long Once(long index)
    {
        ulong mask = (1UL << _half) - 1;
        (ulong left, ulong right) = ((ulong)index >> _half, (ulong)index & mask);
        foreach (ulong key in _keys)
        {
            (left, right) = (right, left ^ (new SplitMix64(right ^ key).Next() & mask));
        }

        return (long)((left << _half) | right);
    }
}
