using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Min, Max, Sum and Mean of any number of inputs.</summary>
public sealed class VariadicTests
{
    [Theory]
    [InlineData("Min")]
    [InlineData("Max")]
    [InlineData("Sum")]
    [InlineData("Mean")]
    public void One_two_or_three_that_broadcast(string op)
    {
        GradientCheck.Node(op, 13, "y", [], ("a", Normal(1, 3, 4)));
        GradientCheck.Node(op, 13, "y", [], ("a", Normal(1, 3, 4)), ("b", Normal(2, 3, 4)));
        GradientCheck.Node(op, 13, "y", [], ("a", Normal(1, 3, 4)), ("b", Normal(2, 4)));
        GradientCheck.Node(op, 13, "y", [], ("a", Normal(1, 3, 1)), ("b", Normal(2, 2, 1, 4)), ("c", Normal(3)));
        GradientCheck.Node(op, 13, "y", [], ("a", Normal(1, 4)), ("b", Normal(2, 4)), ("c", Normal(3, 4)), ("d", Normal(4, 2, 4)));
    }

    [Theory]
    [InlineData("Min")]
    [InlineData("Max")]
    public void The_first_of_equals_has_the_whole_gradient(string op)
    {
        double[][] found = Shares(op, [1, 5], [1, 5], [1, 5]);
        Assert.Equal([2, 3], found[0]);
        Assert.Equal([0, 0], found[1]);
        Assert.Equal([0, 0], found[2]);
    }

    [Fact]
    public void The_second_and_the_third_of_equals()
    {
        double[][] found = Shares("Max", [0, 9], [4, 1], [4, 9]);
        Assert.Equal([0, 3], found[0]);
        Assert.Equal([2, 0], found[1]);
        Assert.Equal([0, 0], found[2]);
    }

    /// <summary>The gradients of three inputs, that of the output being 2 and 3.</summary>
    private static double[][] Shares(string op, params double[][] values)
    {
        using OnnxModel model = new TestGraph(18)
            .Input("a", ElementType.Float32, 2)
            .Input("b", ElementType.Float32, 2)
            .Input("c", ElementType.Float32, 2)
            .Floats("seed", [2], [2, 3])
            .Node(op, "a,b,c", "y")
            .Output("y", ElementType.Float32, 2)
            .Build();
        var inputs = new[] { "a", "b", "c" }.Zip(values).ToDictionary(
            p => p.First, p => RuntimeTensor.FromDoubles(ElementType.Float32, [2], p.Second), StringComparer.Ordinal);
        var differentiator = new Differentiator(new GraphWriter(model.Proto.Graph), ValueTable.Of(model, inputs), new SmallConstants(model).ValuesOf);
        IReadOnlyDictionary<string, string> gradients = differentiator.Run(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["y"] = "seed" }, [.. inputs.Keys]);
        model.Proto.Graph.Output.Add(gradients.Values.Select(g => new ValueInfoProto { Name = g }));
        using var session = new OrtSession(model, new OrtSessionOptions());
        IReadOnlyDictionary<string, RuntimeTensor> found = session.Run(inputs);
        return [.. inputs.Keys.Select(i => found[gradients[i]].ToDoubles())];
    }
}
