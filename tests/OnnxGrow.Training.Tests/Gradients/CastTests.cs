using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Casts between floats.</summary>
public sealed class CastTests
{
    [Fact]
    public void A_cast_is_cast_back()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, 3)
            .Node("Cast", "x", "wide", ("to", (long)ElementType.Float64))
            .Node("Mul", "wide,wide", "square")
            .Node("CastLike", "square,x", "y")
            .Output("y", ElementType.Float32)
            .Build();
        Assert.Equal([3, 6, 9], Gradient(model, ElementType.Float32));
        GradientCheck.Graph(model, ("x", Normal(1, 3)));
    }

    [Fact]
    public void Through_integers_no_gradient_comes()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, 3)
            .Node("Cast", "x", "whole", ("to", (long)ElementType.Int64))
            .Node("Cast", "whole", "back", ("to", (long)ElementType.Float32))
            .Node("Mul", "back,x", "y")
            .Output("y", ElementType.Float32)
            .Build();
        Assert.Equal([1.5, 3, 4.5], Gradient(model, ElementType.Float32));
    }

    /// <summary>The gradient of x = (1, 2, 3), that of y being 1.5 everywhere.</summary>
    private static double[] Gradient(OnnxModel source, ElementType type)
    {
        using OnnxModel model = source.Clone();
        model.Proto.Graph.Initializer.Add(Tensors.Numbers("seed", type, [3], 1.5, 1.5, 1.5));
        var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal) { ["x"] = RuntimeTensor.FromDoubles(type, [3], [1, 2, 3]) };
        var differentiator = new Differentiator(new GraphWriter(model.Proto.Graph), ValueTable.Of(source, inputs), new SmallConstants(model).ValuesOf);
        string gradient = differentiator.Run(new Dictionary<string, string>(StringComparer.Ordinal) { ["y"] = "seed" }, ["x"])["x"];
        model.Proto.Graph.Output.Add(new ValueInfoProto { Name = gradient });
        using var session = new OrtSession(model, new OrtSessionOptions());
        RuntimeTensor found = session.Run(inputs)[gradient];
        Assert.Equal(type, found.ElementType);
        return found.ToDoubles();
    }
}
