using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public class LeadingTensorDataTests
{
    private static MemoryTensorData Count(int count)
    {
        var bytes = new byte[count * sizeof(float)];
        ElementTypes.FromDoubles(ElementType.Float32, [.. Enumerable.Range(0, count).Select(i => (double)i)], bytes);
        return new MemoryTensorData(ElementType.Float32, bytes);
    }

    [Theory]
    [InlineData(new long[] { 6 }, new long[] { 4 }, new double[] { 0, 1, 2, 3 })]
    [InlineData(new long[] { 3, 4 }, new long[] { 2, 3 }, new double[] { 0, 1, 2, 4, 5, 6 })]
    [InlineData(new long[] { 2, 3, 2 }, new long[] { 2, 2, 1 }, new double[] { 0, 2, 6, 8 })]
    [InlineData(new long[] { }, new long[] { }, new double[] { 0 })]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 0 }, new double[] { })]
    public void Takes_the_first_entries_along_each_axis(long[] whole, long[] dims, double[] expected)
    {
        var leading = new LeadingTensorData(Count((int)whole.Aggregate(1L, (p, d) => p * d)), whole, dims);
        Assert.Equal(expected.Length, leading.Count);
        var all = new double[expected.Length];
        leading.ReadDoubles(0, all);
        Assert.Equal(expected, all);

        // In pieces that begin and end within elements.
        var bytes = new byte[leading.ByteLength];
        leading.ReadBytes(0, bytes);
        for (int from = 0; from <= bytes.Length; from++)
        {
            var piece = new byte[Math.Min(7, bytes.Length - from)];
            leading.ReadBytes(from, piece);
            Assert.Equal(bytes[from..(from + piece.Length)], piece);
        }
    }

    [Fact]
    public void Refuses_what_is_no_block()
    {
        Assert.Throws<ArgumentException>(() => new LeadingTensorData(Count(6), [2, 3], [3, 2]));
        Assert.Throws<ArgumentException>(() => new LeadingTensorData(Count(6), [2, 3], [6]));
        var leading = new LeadingTensorData(Count(6), [2, 3], [2, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => leading.ReadBytes(12, new byte[8]));
    }
}
