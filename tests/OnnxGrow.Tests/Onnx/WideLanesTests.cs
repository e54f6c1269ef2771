using System.Runtime.InteropServices;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class WideLanesTests
{
    [Fact]
    public void All_values_of_16_bits_widen_exactly()
    {
        // One more than there are, so that some are converted behind the last whole vector.
        ushort[] bits = [.. Enumerable.Range(0, 65537).Select(i => (ushort)i)];
        double[] halves = new double[bits.Length];
        double[] brains = new double[bits.Length];
        ElementTypes.ToDoubles(ElementType.Float16, MemoryMarshal.AsBytes<ushort>(bits), halves);
        ElementTypes.ToDoubles(ElementType.BFloat16, MemoryMarshal.AsBytes<ushort>(bits), brains);
        for (int i = 0; i < bits.Length; i++)
        {
            AssertSame((double)BitConverter.UInt16BitsToHalf(bits[i]), halves[i]);
            AssertSame(BitConverter.UInt32BitsToSingle((uint)bits[i] << 16), brains[i]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1000)]
    public void Float32_widens_exactly(int length)
    {
        float[] values = [.. Enumerable.Range(0, length).Select(i => BitConverter.Int32BitsToSingle(unchecked(i * (int)2654435761)))];
        double[] wide = new double[length];
        ElementTypes.ToDoubles(ElementType.Float32, MemoryMarshal.AsBytes<float>(values), wide);
        for (int i = 0; i < length; i++)
        {
            AssertSame(values[i], wide[i]);
        }
    }

    private static void AssertSame(double expected, double actual) => Assert.True(
        double.IsNaN(expected) ? double.IsNaN(actual) : BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(actual),
        $"{expected:R} became {actual:R}");
}
