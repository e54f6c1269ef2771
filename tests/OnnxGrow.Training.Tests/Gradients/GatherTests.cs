using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Reading and writing at positions.</summary>
public sealed class GatherTests
{
    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(-1L)]
    public void Gather_adds_what_was_read_twice(long axis)
    {
        GradientCheck.Node("Gather", 18, "y", Set("axis", axis), ("x", Normal(1, 3, 4, 3)), ("i", Ints([5], 0, 2, 2, -1, -3)));
        GradientCheck.Node("Gather", 18, "y", Set("axis", axis), ("x", Normal(1, 3, 4, 3)), ("i", Ints([2, 2], 1, 2, 1, 1)));
        GradientCheck.Node("Gather", 18, "y", Set("axis", axis), ("x", Normal(1, 3, 4, 3)), ("i", Ints([1, 1], 1)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(300)]
    public void Gather_from_tables_short_and_long(int rows) =>
        GradientCheck.Node("Gather", 18, "y", [], ("x", Normal(1, rows, 2)), ("i", Ints([2, 3], 1, 3, -1, 1, -rows, 1)));

    [Theory]
    [InlineData(0L)]
    [InlineData(2L)]
    [InlineData(-1L)]
    public void Gather_of_one_position(long index)
    {
        GradientCheck.Node("Gather", 18, "y", Set("axis", 1L), ("x", Normal(1, 2, 3, 2)), ("i", Ints([], index)));
        GradientCheck.Node("Gather", 18, "y", Set("axis", -1L), ("x", Normal(1, 2, 2, 3)), ("i", Ints([1], index)));
    }

    [Fact]
    public void Gather_with_a_computed_scalar()
    {
        using OnnxModel model = new TestGraph(18).Input("x", ElementType.Float32, 2, 4).Ints("a", [], 1).Ints("b", [], 2)
            .Node("Add", "a,b", "i").Node("Gather", "x,i", "y", ("axis", 1L)).Output("y", ElementType.Float32).Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        GradientCheck.Graph(model, ("x", Normal(1, 2, 4)));
    }

    [Fact]
    public void Gather_with_int32_indices() => GradientCheck.Node(
        "Gather", 18, "y", [], ("x", Normal(1, 4, 2)), ("i", OnnxGrow.Runtime.RuntimeTensor.FromIntegers(ElementType.Int32, [2, 2], [1, -1, 1, 0])));

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    public void GatherElements(long axis) => GradientCheck.Node(
        "GatherElements", 18, "y", Set("axis", axis), ("x", Normal(1, 3, 3)), ("i", Ints([2, 3], 0, -1, 2, 0, 2, 1)));

    [Fact]
    public void GatherND_without_batch()
    {
        GradientCheck.Node("GatherND", 18, "y", [], ("x", Normal(1, 3, 4, 2)), ("i", Ints([4, 2], 0, 1, 0, 1, 2, -1, -1, 0)));
        GradientCheck.Node("GatherND", 18, "y", [], ("x", Normal(1, 3, 4)), ("i", Ints([2, 2, 2], 0, 1, 0, 1, 2, 3, 1, 1)));
        GradientCheck.Node("GatherND", 18, "y", [], ("x", Normal(1, 3, 4)), ("i", Ints([3, 1], 1, 1, -1)));
        GradientCheck.Node("GatherND", 18, "y", [], ("x", Normal(1, 2, 3, 4)), ("i", Ints([3], 1, 2, 3)));
    }

    [Fact]
    public void GatherND_with_batch()
    {
        GradientCheck.Node("GatherND", 18, "y", Set("batch_dims", 1L), ("x", Normal(1, 2, 3, 2)), ("i", Ints([2, 3, 1], 0, 0, 2, 1, -1, 1)));
        GradientCheck.Node("GatherND", 18, "y", Set("batch_dims", 1L), ("x", Normal(1, 2, 3, 2)), ("i", Ints([2, 2], 0, 1, 2, 0)));
        GradientCheck.Node("GatherND", 18, "y", Set("batch_dims", 2L), ("x", Normal(1, 2, 2, 3)), ("i", Ints([2, 2, 1], 0, 2, 1, 1)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("add")]
    public void ScatterND(string reduction)
    {
        GradientCheck.Node(
            "ScatterND", 18, "y", Set("reduction", reduction), ("x", Normal(1, 4, 3)), ("i", Ints([2, 1], 3, 1)), ("u", Normal(2, 2, 3)));
        GradientCheck.Node(
            "ScatterND", 18, "y", Set("reduction", reduction), ("x", Normal(1, 4, 3)), ("i", Ints([2, 2], 3, 1, 0, -1)), ("u", Normal(2, 2)));
    }

    [Theory]
    [InlineData("none", 0L)]
    [InlineData("add", -1L)]
    public void ScatterElements(string reduction, long axis) => GradientCheck.Node(
        "ScatterElements", 18, "y", Set("reduction", reduction, "axis", axis), ("x", Normal(1, 3, 3)), ("i", Ints([2, 2], 0, 1, 2, -1)),
        ("u", Normal(2, 2, 2)));

    [Fact]
    public void Adding_at_one_place_twice()
    {
        GradientCheck.Node("ScatterND", 18, "y", Set("reduction", "add"), ("x", Normal(1, 4)), ("i", Ints([3, 1], 1, 1, 0)), ("u", Normal(2, 3)));
        GradientCheck.Node("ScatterElements", 18, "y", Set("reduction", "add"), ("x", Normal(1, 4)), ("i", Ints([3], 1, 1, 0)), ("u", Normal(2, 3)));
    }

    [Fact]
    public void TopK_gives_to_the_places_of_the_largest()
    {
        GradientCheck.Node("TopK", 18, "v,i:Int64", [], ("x", Normal(1, 2, 5)), ("k", Ints([1], 2)));
        GradientCheck.Node("TopK", 18, "v,i:Int64", Set("axis", 0L, "largest", 0L), ("x", Normal(1, 5, 2)), ("k", Ints([1], 3)));
    }
}
