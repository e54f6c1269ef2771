using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Rotary positions as exporters write them: halves cut at computed places, turned and joined.</summary>
public sealed class RotaryTests
{
    [Fact]
    public void Halves_that_are_cut_turned_and_joined()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, 2L, 3L, 4L).Input("cos", ElementType.Float32, 3L, 4L).Input("sin", ElementType.Float32, 3L, 4L).Output("y", ElementType.Float32)
            .Ints("zero", [1], 0).Ints("last", [1], 2).Ints("one", [1], 1).Ints("far", [1], long.MaxValue).Ints("two", [], 2).Ints("index", [], 2)
            .Node("Shape", "x", "shape").Node("Gather", "shape,index", "width").Node("Div", "width,two", "half").Node("Unsqueeze", "half,zero", "middle")
            .Node("Slice", "x,zero,middle,last,one", "a").Node("Slice", "x,middle,far,last,one", "b")
            .Node("Neg", "b", "c").Node("Concat", "c,a", "turned", ("axis", -1L))
            .Node("Mul", "x,cos", "d").Node("Mul", "turned,sin", "e").Node("Add", "d,e", "y").Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        GradientCheck.Graph(model, ("x", Normal(1, 2, 3, 4)), ("cos", Normal(2, 3, 4)), ("sin", Normal(3, 3, 4)));
    }
}
