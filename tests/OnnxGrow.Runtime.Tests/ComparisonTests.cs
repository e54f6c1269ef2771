using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using Xunit;

namespace OnnxGrow.Runtime.Tests;

public class ComparisonTests
{
    [Fact]
    public void Figures_are_what_they_say()
    {
        TensorComparison c = Compare([1, 2, 3, 4], [1, 2, 3, 4.5f]);
        Assert.Equal(0.5, c.MaxAbsolute);
        Assert.Equal(0.125, c.MaxRelativeToLargest);
        Assert.Equal(0.125, c.MaxRelative);
        Assert.Equal(4, c.Scale);
        Assert.Equal([3], c.WorstIndex);
        Assert.Equal(1 << 20, c.MaxUlp);
        Assert.Equal(3, c.UlpHistogram[0]);
        Assert.Equal(1, c.UlpHistogram[21]);
        Assert.Equal(1, c.ArgMaxAgreement);
        Assert.InRange(c.Cosine!.Value, 0.99, 1);
        Assert.Equal(Verdict.Equivalent, c.Judge(0.125));
        Assert.Equal(Verdict.NotEquivalent, c.Judge(0.12));
        Assert.Equal(0.125, c.RequiredTolerance);
    }

    [Fact]
    public void A_few_huge_entries_do_not_hide_an_error()
    {
        TensorComparison c = Compare([-1e9f, 1, 2, 1, 2, 1, 2, 1], [-1e9f, 1, 2, 1, 2.5f, 1, 2, 1]);
        Assert.InRange(c.MaxRelativeToLargest, 0, 1e-9);
        Assert.Equal(0.25, c.MaxRelative);
    }

    [Fact]
    public void Logits_are_compared_as_distributions()
    {
        TensorComparison c = TensorComparer.Compare("y", Floats([2, 2], [0, 1, 5, 0]), Floats([2, 2], [1, 0, 5, 0]));
        Assert.Equal(0.5, c.ArgMaxAgreement);
        double p = 1 / (1 + Math.E);
        Assert.Equal((1 - p - p) * 1, c.MaxKl!.Value, 1e-12);
    }

    [Fact]
    public void NaN_and_infinity_are_kept_apart()
    {
        Assert.Equal(1, Compare([float.NaN, 1], [1, 1]).NaNInSource);
        Assert.Equal(1, Compare([1, 1], [float.NaN, 1]).NaNInGrown);
        Assert.Equal(Verdict.NotEquivalent, Compare([1, 1], [float.NaN, 1]).Judge(1e9));
        Assert.Equal(Verdict.NotVerified, Compare([float.NaN, 1], [float.NaN, 1]).Judge(1e9));
        Assert.Equal(Verdict.NotEquivalent, Compare([float.PositiveInfinity, 1], [float.NegativeInfinity, 1]).Judge(1e9));
        Assert.Equal(Verdict.Equivalent, Compare([float.PositiveInfinity, 1], [float.PositiveInfinity, 1]).Judge(0));
        Assert.Null(Compare([1, 1], [float.NaN, 1]).RequiredTolerance);
    }

    [Fact]
    public void Types_shapes_and_integers_must_be_equal()
    {
        Assert.Contains("shapes", TensorComparer.Compare("y", Floats([2, 1], [0, 1]), Floats([1, 2], [0, 1])).Mismatch, StringComparison.Ordinal);
        Assert.Contains("types", TensorComparer.Compare("y", Floats([2], [0, 1]), Floats([2], [0, 1]).ConvertTo(ElementType.Float64)).Mismatch, StringComparison.Ordinal);
        RuntimeTensor a = RuntimeTensor.FromIntegers(ElementType.Int64, [2], [5, 6]);
        Assert.Equal(Verdict.NotEquivalent, TensorComparer.Compare("y", a, RuntimeTensor.FromIntegers(ElementType.Int64, [2], [5, 7])).Judge(10));
        Assert.Equal(Verdict.Equivalent, TensorComparer.Compare("y", a, a).Judge(0));
    }

    [Theory]
    [InlineData(ElementType.Float16, 1, 1.0009765625, 1)]
    [InlineData(ElementType.BFloat16, 1, 1.0078125, 1)]
    [InlineData(ElementType.Float64, 1, 1.0000000000000002, 1)]
    [InlineData(ElementType.Float32, 0, -0.0, 0)]
    [InlineData(ElementType.Float32, 1e-45, -1e-45, 2)]
    public void Ulps_are_counted_in_the_stored_type(ElementType type, double a, double b, long ulps)
    {
        TensorComparison c = TensorComparer.Compare("y", RuntimeTensor.FromDoubles(type, [1], [a]), RuntimeTensor.FromDoubles(type, [1], [b]));
        Assert.Equal(ulps, c.MaxUlp);
    }

    [Fact]
    public void Empty_tensors_and_zeros_are_equal() =>
        Assert.All(
            new[] { TensorComparer.Compare("y", Floats([0, 3], []), Floats([0, 3], [])), Compare([0, 0], [0, 0]) },
            c => Assert.Equal((Verdict.Equivalent, 0), (c.Judge(0), c.MaxAbsolute)));

    [Fact]
    public void A_leading_block_is_cut_out()
    {
        RuntimeTensor block = LeadingBlock.Of(Floats([2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), [2, 1, 2])!;
        Assert.Equal([0, 1, 6, 7], block.ToDoubles());
        Assert.Null(LeadingBlock.Of(block, [3, 1, 2]));
    }

    private static TensorComparison Compare(float[] a, float[] b) =>
        TensorComparer.Compare("y", Floats([a.Length], a), Floats([b.Length], b));

    private static RuntimeTensor Floats(long[] dims, float[] values) =>
        RuntimeTensor.FromDoubles(ElementType.Float32, dims, [.. values.Select(v => (double)v)]);
}
