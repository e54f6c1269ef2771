using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Runtime;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Clip, with both bounds, one, or none.</summary>
public sealed class ClipTests
{
    private static readonly RuntimeTensor Low = Number(-0.6);
    private static readonly RuntimeTensor High = Number(0.4);

    [Fact]
    public void The_gradient_goes_to_x_or_to_the_bound()
    {
        RuntimeTensor x = Map(1, v => Math.Abs(v + 0.6) < 0.05 || Math.Abs(v - 0.4) < 0.05 ? v + 0.1 : v, 4, 5);
        GradientCheck.Node("Clip", 13, "y", [], ("x", x), ("low", Low), ("high", High));
        GradientCheck.Node("Clip", 13, "y", [], ("x", x), ("low", Low));
        GradientCheck.Node("Clip", 13, "y", [], ("x", x), ("none", null), ("high", High));
        GradientCheck.Node("Clip", 13, "y", [], ("x", x));
    }

    [Fact]
    public void Bounds_the_wrong_way_round_give_the_upper_one()
    {
        using OnnxModel model = new TestGraph(13)
            .Input("high", ElementType.Float32)
            .Weight("x", 2, 4, 5)
            .Floats("low", [], [0.9f])
            .Node("Clip", "x,low,high", "y")
            .Output("y", ElementType.Float32)
            .Build();
        GradientCheck.Graph(model, ("high", High));
    }

    private static RuntimeTensor Number(double value) => RuntimeTensor.FromDoubles(ElementType.Float32, [], [value]);
}
