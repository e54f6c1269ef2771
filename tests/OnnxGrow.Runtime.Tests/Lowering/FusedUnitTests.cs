using OnnxGrow.Onnx;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

public class FusedUnitTests
{
    private static readonly RuntimeTensor X = Support.Normal(1, 2, 3, 8);
    private static readonly RuntimeTensor Bias = Support.Normal(2, 8);

    [Fact]
    public void Gelus_agree()
    {
        Node("com.microsoft.Gelu", 17, "y", [], ("x", X));
        Node("com.microsoft.BiasGelu", 17, "y", [], ("x", X), ("b", Bias));
        Node("com.microsoft.FastGelu", 17, "y", [], ("x", X), ("b", Bias));
        Node("com.microsoft.FastGelu", 17, "y", [], ("x", X));
        Node("com.microsoft.QuickGelu", 17, "y", [], ("x", X));
        Node("com.microsoft.QuickGelu", 17, "y", Set("alpha", 0.7f), ("x", X));
    }

    [Theory]
    [InlineData("ids", 0L, 0L)]
    [InlineData("ids", 1L, 0L)]
    [InlineData("offset", 0L, 0L)]
    [InlineData("ids,heads", 0L, 0L)]
    [InlineData("ids,heads", 1L, 0L)]
    [InlineData("ids", 0L, 4L)]
    [InlineData("offset", 1L, 4L)]
    [InlineData("ids,scale", 0L, 0L)]
    public void RotaryEmbedding_agrees(string with, long interleaved, long width)
    {
        bool heads = with.Contains("heads", StringComparison.Ordinal);
        (string, object)[] attributes = [.. Set("interleaved", interleaved), .. width > 0 ? Set("rotary_embedding_dim", width, "num_heads", 2L) : []];
        if (with.Contains("scale", StringComparison.Ordinal))
        {
            attributes = [.. attributes, ("scale", 0.5f)];
        }

        Node(
            "com.microsoft.RotaryEmbedding", 17, "y", attributes,
            ("x", heads ? Support.Normal(1, 2, 2, 3, 8) : Support.Normal(1, 2, 3, 16)),
            ("ids", with.Contains("offset", StringComparison.Ordinal) ? Ints(ElementType.Int64, [1], 2) : Ints(ElementType.Int64, [2, 3], 1, 2, 3, 0, 2, 5)),
            ("cos", Support.Normal(2, 6, width > 0 ? width / 2 : 4)), ("sin", Support.Normal(3, 6, width > 0 ? width / 2 : 4)));
    }
}
