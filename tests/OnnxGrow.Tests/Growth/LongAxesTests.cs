using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Growth;

/// <summary>Weights whose shape says more than they hold.</summary>
public sealed class LongAxesTests
{
    private static TensorProto Of(params long[] dims)
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)ElementType.Float32 };
        tensor.Dims.AddRange(dims);
        return tensor;
    }

    [Fact]
    public void Axes_that_no_recipe_can_write_out_are_named()
    {
        LongAxes.Check(Of(4, 1 << 22), "w");
        LongAxes.Check(Of(0, 1 << 20), "w");
        Assert.Contains("axis 1 of 'w' has the extent 4294967297;", Assert.Throws<CannotGrowException>(() => LongAxes.Check(Of(4, (1L << 32) + 1), "w")).Message, StringComparison.Ordinal);
        Assert.Contains("axis 0 of 'w' has the extent 1048577, and the weight no elements", Assert.Throws<CannotGrowException>(() => LongAxes.Check(Of((1 << 20) + 1, 0), "w")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fewer_elements_than_the_shape_says_are_seen_before_anything_is_made_of_it(bool typed)
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        g.Output(g.Node("MatMul", [x, g.Weight("w", 1, 0, 4, 4)]), "y", ElementType.Float32, "batch", 4);
        ModelProto proto = g.Finish();
        TensorProto weight = proto.Graph.Initializer.Single();
        weight.Dims[1] = 1L << 33;
        if (typed)
        {
            weight.ClearRawData();
            weight.FloatData.AddRange(new float[16]);
        }

        using OnnxModel model = OnnxModel.FromProto(proto);
        string message = Assert.Throws<BadInputException>(() => ModelMap.Of(model)).Message;
        Assert.Contains("tensor 'w_", message, StringComparison.Ordinal);
        Assert.Contains("takes", message, StringComparison.Ordinal);
    }
}
