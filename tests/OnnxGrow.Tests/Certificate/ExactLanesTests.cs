using OnnxGrow.Certificate;
using Xunit;

namespace OnnxGrow.Tests.Certificate;

public sealed class ExactLanesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(36)]
    public void A_sum_that_is_only_rounded_to_what_is_expected_does_not_hold(int at)
    {
        float[] a = [.. Enumerable.Range(1, 37).Select(i => (float)i)];
        float[] b = [.. a.Select(x => -x / 2)];
        float[] sum = [.. a.Select(x => x / 2)];
        Assert.True(ExactLanes.PairsHold<float>(a, b, sum));
        b[at] = a[at] * 1e-20f;
        sum[at] = a[at];
        Assert.False(ExactLanes.PairsHold<float>(a, b, sum));
        b[at] = 0;
        Assert.True(ExactLanes.PairsHold<float>(a, b, sum));
        sum[at] = MathF.BitIncrement(sum[at]);
        Assert.False(ExactLanes.PairsHold<float>(a, b, sum));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(300)]
    public void Three_terms_hold_only_if_no_step_rounds(int at)
    {
        const int Length = 301;
        float[] terms = new float[3 * Length];
        float[] sum = new float[Length];
        int[] starts = [0, Length, 2 * Length];
        for (int i = 0; i < Length; i++)
        {
            (terms[i], terms[Length + i], terms[(2 * Length) + i], sum[i]) = (i + 0.1f, -0.1f, 0.1f, i + 0.1f);
        }

        Assert.True(ExactLanes.SumsHold<float>(terms, starts, sum));

        // 2^60 + 1 - 2^60 is 1, but not step by step in float64: that is for the long way to find.
        (terms[at], terms[Length + at], terms[(2 * Length) + at], sum[at]) = (1L << 60, 1, -(1L << 60), 1);
        Assert.False(ExactLanes.SumsHold<float>(terms, starts, sum));
        sum[at] = 0;
        Assert.False(ExactLanes.SumsHold<float>(terms, starts, sum));
        (terms[at], terms[Length + at], terms[(2 * Length) + at], sum[at]) = (float.MaxValue, float.MaxValue, -float.MaxValue, float.MaxValue);
        Assert.True(ExactLanes.SumsHold<float>(terms, starts, sum));
        sum[at] = MathF.BitDecrement(sum[at]);
        Assert.False(ExactLanes.SumsHold<float>(terms, starts, sum));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void An_entry_that_is_not_finite_is_found_in_every_lane(double bad)
    {
        double[] entries = new double[21];
        Assert.True(ExactLanes.AreFinite<double>(entries, double.MaxValue));
        for (int at = 0; at < entries.Length; at++)
        {
            entries[at] = bad;
            Assert.False(ExactLanes.AreFinite<double>(entries, double.MaxValue));
            entries[at] = -double.MaxValue;
            Assert.True(ExactLanes.AreFinite<double>(entries, double.MaxValue));
        }
    }
}
