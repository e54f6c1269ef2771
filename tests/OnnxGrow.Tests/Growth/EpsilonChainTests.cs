using OnnxGrow.Growth.Deepening;
using Xunit;

namespace OnnxGrow.Tests.Growth;

public class EpsilonChainTests
{
    [Theory]
    [InlineData(1e-12, 2)]
    [InlineData(1e-5, 2)]
    [InlineData(1e-2, 2)]
    [InlineData(1e-12, 6)]
    [InlineData(1e-5, 12)]
    public void A_chain_of_norms_is_one_norm(double epsilon, int others)
    {
        EpsilonChain chain = EpsilonChain.Of(epsilon, others);
        Assert.Equal((double)(float)chain.Others, chain.Others);
        foreach (double scale in new[] { 1e-4, 0.1, 1, 30 })
        {
            double[] x = [.. new[] { 0.3, -1.2, 2.5, 0.7, -0.1 }.Select(v => v * scale)];
            double[] once = Norm(x, epsilon, 1);
            double[] chained = Norm(x, chain.First, 1);
            for (int i = 0; i < others; i++)
            {
                chained = Norm(chained, chain.Others, i == others - 1 ? chain.GainFactor : 1);
            }

            for (int i = 0; i < x.Length; i++)
            {
                Assert.Equal(once[i], chained[i], 1e-12 * once.Max(Math.Abs));
            }
        }
    }

    [Fact]
    public void All_epsilons_are_nearly_equal() // growth-math 4.4: about 1e-4 for 1e-12, 0.0217 for 1e-5
    {
        Assert.Equal(1e-4, EpsilonChain.Of(1e-12, 2).Others, 1e-6);
        Assert.Equal(0.0217, EpsilonChain.Of(1e-5, 2).Others, 1e-4);
        Assert.Equal(EpsilonChain.Of(1e-5, 2).Others, EpsilonChain.Of(1e-5, 2).First, 1e-7);
    }

    private static double[] Norm(double[] x, double epsilon, double gain)
    {
        double mean = x.Average();
        double variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select(v => (v - mean) / Math.Sqrt(variance + epsilon) * gain)];
    }
}
