using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Tests;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Concat, Split and Slice.</summary>
public sealed class PiecesTests
{
    [Theory]
    [InlineData(1L)]
    [InlineData(-2L)]
    public void Concat(long axis) => GradientCheck.Node(
        "Concat", 18, "y", Set("axis", axis), ("a", Normal(1, 2, 3, 2)), ("b", Normal(2, 2, 1, 2)), ("c", Normal(3, 2, 2, 2)));

    [Fact]
    public void Concat_of_one() => GradientCheck.Node("Concat", 18, "y", Set("axis", 0L), ("a", Normal(1, 2, 3)));

    [Fact]
    public void Split_into_named_sizes_and_a_number_of_pieces()
    {
        GradientCheck.Node("Split", 18, "a,b,c", Set("axis", -1L), ("x", Normal(1, 2, 6)), ("s", Ints([3], 1, 3, 2)));
        GradientCheck.Node("Split", 18, "a,b", Set("axis", 1L, "num_outputs", 2L), ("x", Normal(1, 2, 5)));
        GradientCheck.Node("Split", 18, "a", Set("num_outputs", 1L), ("x", Normal(1, 2, 5)));
    }

    [Fact]
    public void Pieces_that_the_loss_does_not_need_have_zeros()
    {
        using OnnxModel model = new TestGraph(18).Input("x", ElementType.Float32, 2, 6)
            .Node("Split", "x", "a,b,c", ("axis", 1L), ("num_outputs", 3L)).Node("Identity", "b", "y").Output("b", ElementType.Float32).Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        model.Proto.Graph.Node.RemoveAt(1);
        GradientCheck.Graph(model, ("x", Normal(1, 2, 6)));
    }

    public static TheoryData<long[], long[], long[]?, long[]?> Slices => new()
    {
        { [0], [2], [1], null },
        { [1], [3], [1], [1] },
        { [-2], [int.MaxValue], [-1], null },
        { [0, 1], [1, 3], null, null },
        { [0], [5], [2], [2] },
        { [1], [6], [2], [2] },
        { [1], [4], [2], [3] },
        { [0], [int.MaxValue], [1], [2] },
        { [-1], [long.MinValue], [2], [-1] },
        { [4], [0], [2], [-2] },
        { [100], [-100], [1], [-3] },
        { [1, -1], [2, -6], [0, 2], [1, -2] },
        { [0], [1L << 40], [0], null },
        { [2, 0, 0], [-1, 3, 2], [2, 1, 0], [2, 2, 1] },
    };

    [Theory]
    [MemberData(nameof(Slices))]
    public void Slice(long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        long[] dims = [starts.Length];
        GradientCheck.Node(
            "Slice", 18, "y", [], ("x", Normal(1, 2, 4, 6)), ("s", Ints(dims, starts)), ("e", Ints(dims, ends)),
            ("a", axes is null ? null : Ints(dims, axes)), ("t", steps is null ? null : Ints(dims, steps)));
    }

    [Theory]
    [InlineData(1L, 2L)]
    [InlineData(-5L, 3L)]
    [InlineData(-1L, -9L)]
    public void Slice_with_computed_starts_and_ends(long start, long end)
    {
        using OnnxModel model = new TestGraph(18).Input("x", ElementType.Float32, 2, 4)
            .Ints("s0", [1], start - 1).Ints("e0", [1], end - 1).Ints("one", [1], 1).Ints("axis", [1], 1).Ints("step", [1], end < start ? -1 : 1)
            .Node("Add", "s0,one", "s").Node("Add", "e0,one", "e").Node("Slice", "x,s,e,axis,step", "y").Output("y", ElementType.Float32).Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        GradientCheck.Graph(model, ("x", Normal(1, 2, 4)));
    }

    [Fact]
    public void Slice_with_int32_positions() => GradientCheck.Node(
        "Slice", 18, "y", [], ("x", Normal(1, 3, 4)), ("s", Ints32([1], 1)), ("e", Ints32([1], 3)), ("a", Ints32([1], -1)));

    private static OnnxGrow.Runtime.RuntimeTensor Ints32(long[] dims, params long[] values) =>
        OnnxGrow.Runtime.RuntimeTensor.FromIntegers(ElementType.Int32, dims, values);
}
