using OnnxGrow.Runtime.Kernels;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Kernels;

/// <summary>The error function in float32, against 40 digits.</summary>
public sealed class ErrorFunctionTests
{
    [Fact]
    public void It_is_right_to_a_few_units_in_the_last_place()
    {
        for (int i = 0; i < ErfTable.Values.GetLength(0); i++)
        {
            // What rounding the argument does is not the function's.
            float x = (float)ErfTable.Values[i, 0];
            double expected = ErfTable.Values[i, 1] + ((x - ErfTable.Values[i, 0]) * 2 / Math.Sqrt(Math.PI) * Math.Exp(-(double)x * x));
            float found = Of(x)[0];
            Assert.True(
                Math.Abs(found - expected) <= 3 * Math.Max(float.Epsilon, MathF.BitIncrement(MathF.Abs((float)expected)) - MathF.Abs((float)expected)),
                $"erf({x:R}) is {expected:R}, not {found:R}");
        }
    }

    [Fact]
    public void Between_those_it_is_smooth()
    {
        // Its slope is 2 / sqrt(pi) exp(-x^2): steps of 1/512 from -6 to 6 follow it.
        float[] x = [.. Enumerable.Range(-3072, 6145).Select(i => i / 512f)];
        float[] y = Of(x);
        for (int i = 1; i + 1 < x.Length; i++)
        {
            double slope = 2 / Math.Sqrt(Math.PI) * Math.Exp(-(double)x[i] * x[i]);
            Assert.True(Math.Abs(((y[i + 1] - y[i - 1]) * 256) - slope) < 1e-4, $"at {x[i]}");
        }
    }

    [Fact]
    public void Numbers_that_are_none_stay_so_and_ends_are_one()
    {
        float[] y = Of(float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, 1e30f, -1e30f, 1e-40f);
        Assert.True(float.IsNaN(y[0]));
        Assert.Equal([1f, -1f, 0f, -0f, 1f, -1f], y[1..7]);
        Assert.Equal(1.128379e-40f, y[7], 1e-44f);
    }

    [Fact]
    public void A_number_gives_the_same_wherever_it_stands()
    {
        float[] x = [.. Enumerable.Range(0, 37).Select(i => (i - 18) * 0.21f)];
        float[] whole = Of(x);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(whole[i], Of(x[i])[0]);
        }
    }

    private static float[] Of(params float[] x)
    {
        float[] y = new float[x.Length];
        ErrorFunction.Of(x, y);
        return y;
    }
}
