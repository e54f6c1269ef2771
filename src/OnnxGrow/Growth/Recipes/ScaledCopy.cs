using System.Numerics;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// Multiplies float32 entries by a power of two where they stand: what most shares are, and as fast as copying. Exact unless
/// an entry is no number or becomes subnormal; those go the long way.
/// </summary>
internal static class ScaledCopy
{
    /// <summary>2^-126, below which float32 has fewer digits.</summary>
    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Multiplies all entries.</summary>
    /// <param name="entries">The entries; spoilt where the result is false.</param>
    /// <param name="factor">A power of two.</param>
    /// <returns>Whether every product is exact.</returns>
    public static bool TryScale(Span<float> entries, float factor)
    {
        var factors = new Vector<float>(factor);
        var smallest = new Vector<float>(SmallestNormal);
        var largest = new Vector<float>(float.MaxValue);
        Vector<int> exact = Vector<int>.AllBitsSet;
        int i = 0;
        for (; i <= entries.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Span<float> block = entries.Slice(i, Vector<float>.Count);
            var x = new Vector<float>(block);
            Vector<float> y = x * factors;
            Vector<float> size = Vector.Abs(y);
            exact &= (Vector.GreaterThanOrEqual(size, smallest) & Vector.LessThanOrEqual(size, largest)) | Vector.Equals(x, Vector<float>.Zero);
            y.CopyTo(block);
        }

        bool all = Vector.EqualsAll(exact, Vector<int>.AllBitsSet);
        for (; i < entries.Length; i++)
        {
            float x = entries[i];
            float y = x * factor;
            all &= (Math.Abs(y) >= SmallestNormal && Math.Abs(y) <= float.MaxValue) || x == 0;
            entries[i] = y;
        }

        return all;
    }
}
