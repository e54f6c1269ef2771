using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Normalisations and what else goes along an axis.</summary>
public sealed class NormTests
{
    [Theory]
    [InlineData(-1L)]
    [InlineData(0L)]
    [InlineData(1L)]
    public void LogSoftmax_along_an_axis(long axis) => GradientCheck.Node("LogSoftmax", 18, "y", Set("axis", axis), ("x", Normal(1, 2, 3, 4)));

    [Fact]
    public void LogSoftmax_by_default() => GradientCheck.Node("LogSoftmax", 18, "y", [], ("x", Normal(2, 2, 3, 4)));

    [Theory]
    [InlineData("RMSNormalization", 23L)]
    [InlineData("SimplifiedLayerNormalization", 18L)]
    public void Division_by_the_root_mean_square(string op, long opset)
    {
        GradientCheck.Node(op, opset, "y", [], ("x", Normal(1, 2, 3, 5)), ("scale", Normal(2, 5)));
        GradientCheck.Node(op, opset, "y", Set("epsilon", 0.1f), ("x", Normal(1, 2, 3, 5)), ("scale", Normal(2, 5)));
        GradientCheck.Node(op, opset, "y", Set("axis", 1L), ("x", Normal(1, 2, 3, 5)), ("scale", Normal(2, 3, 5)));
        GradientCheck.Node(op, opset, "y", Set("axis", -2L), ("x", Normal(1, 2, 3, 5)), ("scale", Normal(2, 3, 5)));
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 5 })]
    [InlineData(new long[] { 2, 3, 2, 4 })]
    public void InstanceNormalization_of_any_rank(long[] x)
    {
        GradientCheck.Node("InstanceNormalization", 18, "y", [], ("x", Normal(1, x)), ("scale", Normal(2, 3)), ("bias", Normal(3, 3)));
        GradientCheck.Node("InstanceNormalization", 18, "y", Set("epsilon", 0.2f), ("x", Normal(1, x)), ("scale", Normal(2, 3)), ("bias", Normal(3, 3)));
    }

    [Theory]
    [InlineData(18L, 2L, 2L)]
    [InlineData(21L, 2L, 6L)]
    [InlineData(21L, 6L, 6L)]
    [InlineData(18L, 1L, 1L)]
    [InlineData(21L, 1L, 6L)]
    public void GroupNormalization_by_group_and_by_channel(long opset, long groups, long scales)
    {
        (string, object)[] attributes = Set("num_groups", groups, "epsilon", 0.01f);
        GradientCheck.Node("GroupNormalization", opset, "y", attributes, ("x", Normal(1, 2, 6, 3, 2)), ("scale", Normal(2, scales)), ("bias", Normal(3, scales)));
        GradientCheck.Node("GroupNormalization", opset, "y", attributes, ("x", Normal(1, 2, 6, 4)), ("scale", Normal(2, scales)), ("bias", Normal(3, scales)));
    }

    [Theory]
    [InlineData(new long[] { 4, 3 })]
    [InlineData(new long[] { 2, 3, 5 })]
    [InlineData(new long[] { 2, 3, 2, 4 })]
    public void BatchNormalization_by_its_running_statistics(long[] x)
    {
        using OnnxModel model = new TestGraph(15)
            .Input("x", ElementType.Float32, [.. x.Select(d => (object)d)])
            .Input("scale", ElementType.Float32, 3)
            .Input("bias", ElementType.Float32, 3)
            .Weight("mean", 4, 3)
            .Floats("var", [3], [0.5f, 1.5f, 0.01f])
            .Node("BatchNormalization", "x,scale,bias,mean,var", "y", ("epsilon", 1e-3f))
            .Output("y", ElementType.Float32)
            .Build();
        GradientCheck.Graph(model, ("x", Normal(1, x)), ("scale", Normal(2, 3)), ("bias", Normal(3, 3)));
    }

    [Theory]
    [InlineData(1L, -1L)]
    [InlineData(2L, -1L)]
    [InlineData(1L, 0L)]
    [InlineData(2L, 1L)]
    public void LpNormalization_of_both_kinds(long p, long axis) =>
        GradientCheck.Node("LpNormalization", 22, "y", Set("p", p, "axis", axis), ("x", NoZero(1, 2, 3, 4)));

    [Fact]
    public void MeanVarianceNormalization_over_given_axes()
    {
        GradientCheck.Node("MeanVarianceNormalization", 18, "y", [], ("x", Normal(1, 2, 3, 2, 3)));
        GradientCheck.Node("MeanVarianceNormalization", 18, "y", Set("axes", new long[] { 1, -1 }), ("x", Normal(2, 2, 3, 4)));
    }

    [Theory]
    [InlineData(0L, 0L, 1L)]
    [InlineData(1L, 0L, -1L)]
    [InlineData(0L, 1L, 0L)]
    [InlineData(1L, 1L, 1L)]
    public void CumSum_to_both_sides(long exclusive, long reverse, long axis) => GradientCheck.Node(
        "CumSum", 14, "y", Set("exclusive", exclusive, "reverse", reverse), ("x", Normal(1, 2, 3, 4)), ("axis", Ints([], axis)));
}
