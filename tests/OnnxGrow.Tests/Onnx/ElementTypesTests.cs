using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class ElementTypesTests
{
    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Every_value_of_a_16_bit_type_converts_there_and_back(ElementType type)
    {
        double[] values = AllValues(type);
        byte[] bytes = new byte[values.Length * 2];
        ElementTypes.FromDoubles(type, values, bytes);
        for (int i = 0; i < values.Length; i++)
        {
            ushort bits = BitConverter.ToUInt16(bytes, i * 2);
            Assert.True(double.IsNaN(values[i]) ? double.IsNaN(ValueOf(type, bits)) : bits == i, $"{i:x4}");
            Assert.Equal(ValueOf(type, (ushort)i), values[i]);
        }
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Rounding_is_to_nearest_with_ties_to_even(ElementType type)
    {
        double[] finite = [.. AllValues(type).Where(double.IsFinite).Distinct().Order()];
        for (int i = 0; i + 1 < finite.Length; i++)
        {
            (double low, double high) = (finite[i], finite[i + 1]);
            double middle = low + ((high - low) / 2);
            Assert.Equal(low, ElementTypes.Round(type, Math.BitDecrement(middle)));
            Assert.Equal(high, ElementTypes.Round(type, Math.BitIncrement(middle)));
            double even = (Bits(type, low) & 1) == 0 ? low : high;
            Assert.Equal(even, ElementTypes.Round(type, middle));
            // What a detour over float32 gets wrong: a value that float32 rounds onto the middle.
            Assert.Equal(high, ElementTypes.Round(type, middle + (Math.Abs(middle) * 1e-12) + double.Epsilon));
            Assert.Equal(low, ElementTypes.Round(type, middle - (Math.Abs(middle) * 1e-12) - double.Epsilon));
        }
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void What_is_too_large_becomes_infinite_as_IEEE_says(ElementType type)
    {
        double max = AllValues(type).Where(double.IsFinite).Max();
        double step = max - AllValues(type).Where(v => v < max).Max();
        double limit = max + (step / 2);
        Assert.Equal(max, ElementTypes.Round(type, Math.BitDecrement(limit)));
        Assert.Equal(double.PositiveInfinity, ElementTypes.Round(type, limit));
        Assert.Equal(double.NegativeInfinity, ElementTypes.Round(type, -limit));
        Assert.Equal(double.PositiveInfinity, ElementTypes.Round(type, double.MaxValue));
        Assert.Equal(double.NegativeInfinity, ElementTypes.Round(type, double.NegativeInfinity));
        Assert.True(double.IsNaN(ElementTypes.Round(type, double.NaN)));
        Assert.True(double.IsNegative(ElementTypes.Round(type, -0.0)));
        Assert.Equal(0, ElementTypes.Round(type, double.Epsilon));
    }

    [Fact]
    public void Lengths_are_exact_for_types_below_a_byte_and_checked()
    {
        Assert.Equal(2, ElementTypes.ByteLength(ElementType.Int4, 3));
        Assert.Equal(1, ElementTypes.ByteLength(ElementType.UInt2, 4));
        Assert.Equal(0, ElementTypes.ByteLength(ElementType.Int4, 0));
        Assert.Equal(48, ElementTypes.ByteLength(ElementType.Complex128, 3));
        Assert.Throws<OverflowException>(() => ElementTypes.ByteLength(ElementType.Float32, long.MaxValue / 2));
        Assert.Throws<OverflowException>(() => ElementTypes.ByteLength(ElementType.Int4, long.MaxValue));
    }

    private static ushort Bits(ElementType type, double value)
    {
        byte[] bytes = new byte[2];
        ElementTypes.FromDoubles(type, [value], bytes);
        return BitConverter.ToUInt16(bytes);
    }

    private static double[] AllValues(ElementType type)
    {
        byte[] bytes = new byte[1 << 17];
        for (int i = 0; i <= ushort.MaxValue; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(i * 2), (ushort)i);
        }

        double[] values = new double[1 << 16];
        ElementTypes.ToDoubles(type, bytes, values);
        return values;
    }

    // The value by the definition of the format, in float64.
    private static double ValueOf(ElementType type, ushort bits)
    {
        (int fractionBits, int bias, int top) = type == ElementType.Float16 ? (10, 15, 31) : (7, 127, 255);
        int exponent = (bits >> fractionBits) & top;
        double fraction = bits & ((1 << fractionBits) - 1);
        double sign = bits >= 0x8000 ? -1 : 1;
        if (exponent == top)
        {
            return fraction == 0 ? sign * double.PositiveInfinity : double.NaN;
        }

        double significand = exponent == 0 ? fraction : fraction + (1 << fractionBits);
        return sign * Math.ScaleB(significand, Math.Max(exponent, 1) - bias - fractionBits);
    }
}
