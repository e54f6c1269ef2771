using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Preparation;

/// <summary>Files whose nodes are not in the order of computation are trained like others.</summary>
public sealed class NodeOrderTests
{
    [Fact]
    public void Weights_in_front_of_nodes_that_the_file_has_last_are_reached()
    {
        using OnnxModel model = new TestGraph().Input("x", ElementType.Float32, "n", 4L).Output("y", ElementType.Float32)
            .Weight("first", 1, 4, 4).Weight("second", 2, 4, 4)
            .Node("MatMul", "h,second", "y").Node("Relu", "a", "h").Node("MatMul", "x,first", "a").Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        double[] values = [.. Enumerable.Range(0, 12).Select(i => (i % 5) - 2.0)];
        var inputs = new Dictionary<string, RuntimeTensor> { ["x"] = RuntimeTensor.FromDoubles(ElementType.Float32, [3, 4], values) };
        using TrainableModel trainable = TrainableModel.Of(model, inputs, new ParameterFilter());
        Assert.Equal(["MatMul", "Relu", "MatMul"], trainable.Forward.Proto.Graph.Node.Select(n => n.OpType));
        Assert.Equal("a", trainable.Forward.Proto.Graph.Node[0].Output[0]);
        using TrainingGraph graph = TrainingGraph.Backward(trainable, new MeanSquaredError("y"), adds: false);
        Assert.Equal(["first", "second"], graph.Reached.Order());
    }
}
