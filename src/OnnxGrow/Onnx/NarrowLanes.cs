using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxGrow.Onnx;

/// <summary>Conversions of elements to narrower types, rounded to nearest with ties to even, many lanes at once.</summary>
internal static class NarrowLanes
{
    /// <summary>Every float64 as the nearest float32.</summary>
    // Not compiled ahead of time, as its vectors' length is the machine's: so compiled once, and well.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToSingles(ReadOnlySpan<double> source, Span<float> destination)
    {
        destination = destination[..source.Length];
        int i = 0;
        for (; i <= source.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Narrow(new Vector<double>(source[i..]), new Vector<double>(source[(i + Vector<double>.Count)..])).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (float)source[i];
        }
    }
}
