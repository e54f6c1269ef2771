using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Uses of operators that no gradient is given for; the reason teaches what to do.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void Dropout_that_drops_nothing_passes_the_gradient()
    {
        GradientCheck.Node("Dropout", 13, "y", [], ("x", Normal(1, 3, 4)));
        using OnnxModel inference = Dropout(0.4f, false);
        GradientCheck.Graph(inference, ("x", Normal(2, 3, 4)));
        using OnnxModel nothing = Dropout(0, true);
        GradientCheck.Graph(nothing, ("x", Normal(3, 3, 4)));
    }

    [Fact]
    public void Dropout_in_training_mode_is_refused()
    {
        using OnnxModel model = Dropout(0.4f, true);
        var error = Assert.Throws<CannotTrainException>(() => GradientCheck.Graph(model, ("x", Normal(1, 3, 4))));
        Assert.Contains("set its training_mode to false", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BatchNormalization_in_training_mode_is_refused()
    {
        using OnnxModel model = new TestGraph(15)
            .Input("x", ElementType.Float32, 2, 3, 4)
            .Weight("scale", 1, 3).Weight("bias", 2, 3).Weight("mean", 3, 3).Floats("var", [3], [1, 1, 1])
            .Node("BatchNormalization", "x,scale,bias,mean,var", "y", ("training_mode", 0L))
            .Output("y", ElementType.Float32)
            .Build();
        Refused(model, "training_mode", "export the model in evaluation mode");
    }

    [Fact]
    public void DequantizeLinear_is_refused()
    {
        using OnnxModel model = new TestGraph(19)
            .Initializer(Tensors.Numbers("q", ElementType.Int8, [3], 1, 2, 3))
            .Input("x", ElementType.Float32)
            .Node("DequantizeLinear", "q,x", "y")
            .Output("y", ElementType.Float32)
            .Build();
        Refused(model, null, "before it is quantised");
    }

    [Fact]
    public void Axes_that_are_computed_are_refused()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, 2, 3, 4)
            .Ints("zero", [1], 0)
            .Node("Shape", "x", "shape")
            .Node("Gather", "shape,zero", "axes")
            .Node("ReduceSum", "x,axes", "y")
            .Output("y", ElementType.Float32)
            .Build();
        Refused(model, null, "asks for a constant");
    }

    /// <summary>Differentiates a model for its input x, one of its flags turned on after the run that shapes are learnt by.</summary>
    private static void Refused(OnnxModel model, string? flag, string reason)
    {
        long[] dims = [.. model.Proto.Graph.Input[0].Type.TensorType.Shape.Dim.Select(d => d.DimValue)];
        ValueTable values = ValueTable.Of(model, new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal) { ["x"] = Positive(1, dims) });
        foreach (AttributeProto attribute in model.Proto.Graph.Node.SelectMany(n => n.Attribute).Where(a => a.Name == flag))
        {
            attribute.I = 1;
        }

        var writer = new GraphWriter(model.Proto.Graph);
        var differentiator = new Differentiator(writer, values, new SmallConstants(model).ValuesOf);
        var error = Assert.Throws<CannotTrainException>(() => differentiator.Run(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["y"] = writer.Op("Identity", "y") }, ["x"]));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static OnnxModel Dropout(float ratio, bool training) => new TestGraph(13)
        .Input("x", ElementType.Float32, 3, 4)
        .Floats("ratio", [], [ratio])
        .Initializer(Tensors.Numbers("training", ElementType.Bool, [], training ? 1 : 0))
        .Node("Dropout", "x,ratio,training", "y,mask")
        .Output("y", ElementType.Float32)
        .Build();
}
