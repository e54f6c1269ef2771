using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Training.Differentiation;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Gradients in half precision: what is written has its types right, and means what it does in single precision.</summary>
public sealed class HalfTests
{
    [Theory]
    [InlineData("LayerNormalization", 18L)]
    [InlineData("Relu", 18L)]
    [InlineData("Gelu", 20L)]
    [InlineData("ReduceMax", 18L)]
    [InlineData("Swish", 24L)]
    public void As_in_single_precision_but_for_rounding(string op, long opset)
    {
        double[] single = Gradient(op, opset, ElementType.Float32);
        double[] half = Gradient(op, opset, ElementType.Float16);
        double scale = single.Max(Math.Abs);
        for (int i = 0; i < single.Length; i++)
        {
            // About ten roundings to eleven bits.
            Assert.InRange(half[i] - single[i], -0.01 * scale, 0.01 * scale);
        }
    }

    private static double[] Gradient(string op, long opset, ElementType type)
    {
        bool norm = op == "LayerNormalization";
        TestGraph graph = new TestGraph(opset).Input("x", type, 3, 8);
        if (norm)
        {
            graph.Initializer(Tensors.Numbers("scale", type, [8], Normal(2, 8).ToDoubles()));
        }

        using OnnxModel model = graph.Node(op, norm ? "x,scale" : "x", "y").Output("y", type).Build();
        var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal) { ["x"] = NoZero(1, 3, 8).ConvertTo(type) };
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        ValueTable values = ValueTable.Of(model, inputs);
        long[] dims = values.DimsOf("y");
        model.Proto.Graph.Initializer.Add(Tensors.Numbers("seed", type, dims, Normal(3, dims).ToDoubles()));
        var differentiator = new Differentiator(new GraphWriter(model.Proto.Graph) { FloatType = type }, values, new SmallConstants(model).ValuesOf);
        string gradient = differentiator.Run(new Dictionary<string, string>(StringComparer.Ordinal) { ["y"] = "seed" }, ["x"])["x"];
        model.Proto.Graph.Output.Add(new ValueInfoProto { Name = gradient });
        using var session = new OrtSession(model, new OrtSessionOptions());
        RuntimeTensor found = session.Run(inputs)[gradient];
        Assert.Equal(type, found.ElementType);
        return found.ToDoubles();
    }
}
