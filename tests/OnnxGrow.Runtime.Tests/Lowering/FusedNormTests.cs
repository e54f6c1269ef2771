using OnnxGrow.Onnx;
using Xunit;
using static OnnxGrow.Runtime.Tests.Lowering.Agreement;

namespace OnnxGrow.Runtime.Tests.Lowering;

public class FusedNormTests
{
    [Theory]
    [InlineData(true, true, "y")]
    [InlineData(false, true, "y,,,sum")]
    [InlineData(true, false, "y,,,sum")]
    public void SkipLayerNormalization_agrees(bool beta, bool bias, string outputs)
    {
        Fused(
            "SkipLayerNormalization", outputs, Set("epsilon", 1e-3f),
            ("x", Support.Normal(1, 2, 3, 8)), ("skip", bias ? Support.Normal(2, 2, 3, 8) : Support.Normal(2, 1, 3, 8)), ("g", Support.Normal(3, 8)),
            ("b", beta ? Support.Normal(4, 8) : null), ("c", bias ? Support.Normal(5, 8) : null));
        Fused(
            "SkipSimplifiedLayerNormalization", outputs, Set("epsilon", 1e-3f),
            ("x", Support.Normal(1, 2, 3, 8)), ("skip", Support.Normal(2, 2, 3, 8)), ("g", Support.Normal(3, 8)), ("c", bias ? Support.Normal(5, 8) : null));
    }

    [Fact]
    public void SkipLayerNormalization_without_epsilon_has_its_own_default()
    {
        RuntimeTensor x = Support.Normal(1, 2, 3, 8);
        RuntimeTensor small = RuntimeTensor.FromDoubles(F, x.Dims, [.. x.ToDoubles().Select(v => v * 1e-4)]);
        Fused("SkipLayerNormalization", "y", [], ("x", small), ("skip", small), ("g", Support.Normal(3, 8)));
    }

    [Theory]
    [InlineData("LayerNormalization")]
    [InlineData("SimplifiedLayerNormalization")]
    public void The_norms_of_the_default_domain_agree(string op) =>
        Node(op, 17, op[0] == 'L' ? "y" : "y", Set("epsilon", 1e-3f, "axis", -1L), ("x", Support.Normal(1, 2, 3, 8)), ("g", Support.Normal(3, 8)));

    [Theory]
    [InlineData(23, "y", -1L)]
    [InlineData(23, "y", 1L)]
    public void RmsNormalization_agrees(long opset, string outputs, long axis) =>
        Node("RMSNormalization", opset, outputs, Set("epsilon", 1e-3f, "axis", axis, "stash_type", 1L),
            ("x", Support.Normal(1, 2, 3, 8)), ("g", axis == -1 ? Support.Normal(3, 8) : Support.Normal(3, 3, 8)));

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    public void EmbedLayerNormalization_agrees(bool segments, bool mask, bool positions) =>
        Fused(
            "EmbedLayerNormalization", "y,mask_index:Int32,sum", Set("epsilon", 1e-3f),
            ("ids", Ints(ElementType.Int32, [2, 4], 1, 5, 2, 0, 3, 3, 6, 1)),
            ("segment_ids", segments ? Ints(ElementType.Int32, [2, 4], 0, 0, 1, 1, 0, 1, 1, 1) : null),
            ("words", Support.Normal(1, 7, 8)), ("places", Support.Normal(2, 6, 8)), ("segments", segments ? Support.Normal(3, 2, 8) : null),
            ("g", Support.Normal(4, 8)), ("b", Support.Normal(5, 8)),
            ("mask", mask ? Ints(ElementType.Int32, [2, 4], 1, 1, 1, 0, 1, 1, 0, 0) : null),
            ("position_ids", positions ? Ints(ElementType.Int32, [2, 4], 1, 2, 3, 4, 0, 1, 2, 3) : null));
}
