using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Gemm in all its forms.</summary>
public sealed class GemmTests
{
    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(1L, 0L)]
    [InlineData(0L, 1L)]
    [InlineData(1L, 1L)]
    public void Transpositions_and_factors(long a, long b)
    {
        long[] left = a == 0 ? [3, 4] : [4, 3];
        long[] right = b == 0 ? [4, 5] : [5, 4];
        GradientCheck.Node(
            "Gemm", 18, "y", Set("transA", a, "transB", b, "alpha", 0.5f, "beta", 2f), ("a", Normal(1, left)), ("b", Normal(2, right)), ("c", Normal(3, 5)));
        GradientCheck.Node("Gemm", 18, "y", Set("transA", a, "transB", b), ("a", Normal(1, left)), ("b", Normal(2, right)));
    }

    public static TheoryData<long[]> Shapes => [[], [1], [5], [1, 5], [3, 1], [3, 5], [1, 1]];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void C_is_broadcast(long[] c) =>
        GradientCheck.Node("Gemm", 18, "y", Set("beta", 0.25f), ("a", Normal(1, 3, 4)), ("b", Normal(2, 4, 5)), ("c", Normal(3, c)));
}
