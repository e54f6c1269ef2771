using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Differentiation;

/// <summary>Operations of a step against counts by hand.</summary>
public sealed class TrainingCostTests
{
    private const long Batch = 5;

    [Fact]
    public void A_network_of_two_layers()
    {
        TrainingCost cost = CostOf(TwoLayers(), new ParameterFilter(), ("x", [Batch, 3]));
        const long first = 2 * Batch * 3 * 7, second = 2 * Batch * 7 * 4;
        Assert.Equal(first + second, cost.Forward);

        // The data need no gradient: the first layer costs one product, the second two.
        Assert.Equal(first + (2 * second), cost.Backward);
        Assert.Equal(cost.Forward + cost.Backward, cost.Total);
        Assert.Empty(cost.Uncounted);
    }

    [Fact]
    public void A_frozen_first_layer_needs_nothing_backward()
    {
        TrainingCost cost = CostOf(TwoLayers(), new ParameterFilter { Freeze = ["w1", "b1"] }, ("x", [Batch, 3]));
        Assert.Equal(2 * Batch * ((3 * 7) + (7 * 4)), cost.Forward);
        Assert.Equal(2 * Batch * 7 * 4, cost.Backward);
    }

    [Fact]
    public void A_frozen_last_layer_still_hands_its_gradient_on()
    {
        TrainingCost cost = CostOf(TwoLayers(), new ParameterFilter { Freeze = ["w2"] }, ("x", [Batch, 3]));
        Assert.Equal((2 * Batch * 3 * 7) + (2 * Batch * 7 * 4), cost.Backward);
    }

    [Fact]
    public void Attention_behind_a_table_of_tokens()
    {
        const long length = 6, width = 8, tokens = 11;
        using OnnxModel model = new TestGraph(18)
            .Input("ids", ElementType.Int64, "batch", "length")
            .Weight("table", 1, tokens, width).Weight("q", 2, width, width).Weight("k", 3, width, width).Weight("v", 4, width, width).Weight("head", 5, width, tokens)
            .Node("Gather", "table, ids", "h").Node("MatMul", "h, q", "hq").Node("MatMul", "h, k", "hk").Node("MatMul", "h, v", "hv")
            .Node("Transpose", "hk", "hkt", ("perm", new long[] { 0, 2, 1 })).Node("MatMul", "hq, hkt", "scores").Node("Softmax", "scores", "p", ("axis", -1L))
            .Node("MatMul", "p, hv", "mixed").Node("MatMul", "mixed, head", "logits")
            .Output("logits", ElementType.Float32, "batch", "length", tokens).Build();
        TrainingCost cost = CostOf(model, new ParameterFilter(), ("ids", [Batch, length]));
        const long projections = 3 * 2 * Batch * length * width * width;
        const long mixing = 2 * 2 * Batch * length * length * width;
        const long head = 2 * Batch * length * width * tokens;
        Assert.Equal(projections + mixing + head, cost.Forward);

        // Everything behind the lookup has two operands that move; the lookup itself is no product.
        Assert.Equal(2 * cost.Forward, cost.Backward);

        // With the table frozen, nothing in front of the projections moves.
        TrainingCost frozen = CostOf(model, new ParameterFilter { Freeze = ["table"] }, ("ids", [Batch, length]));
        Assert.Equal(projections + (2 * (mixing + head)), frozen.Backward);
    }

    [Fact]
    public void A_convolution_with_groups_and_its_reverse()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, "batch", 4, 9, 9)
            .Weight("w", 1, 6, 2, 3, 3).Weight("back", 2, 6, 5, 2, 2)
            .Node("Conv", "x, w", "c", ("group", 2L), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }))
            .Node("ConvTranspose", "c, back", "logits", ("strides", new long[] { 2, 2 }))
            .Output("logits", ElementType.Float32, "batch", 5, 10, 10).Build();
        TrainingCost cost = CostOf(model, new ParameterFilter(), ("x", [Batch, 4, 9, 9]));
        const long conv = 2 * Batch * 6 * 5 * 5 * (2 * 3 * 3);
        const long reverse = 2 * Batch * 6 * 5 * 5 * (5 * 2 * 2);
        Assert.Equal(conv + reverse, cost.Forward);
        Assert.Equal(conv + (2 * reverse), cost.Backward);
    }

    [Fact]
    public void Gemm_and_Einsum_and_what_the_loss_does_not_take()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, 3, "batch")
            .Weight("w", 1, 7, 3).Weight("b", 2, 7).Weight("e", 3, 7, 2, 4).Weight("unused", 4, 7, 100)
            .Node("Gemm", "x, w, b", "h", ("transA", 1L), ("transB", 1L))
            .Node("MatMul", "h, unused", "pooled")
            .Node("Einsum", "h, e", "logits", ("equation", "bi,ijk->bjk"))
            .Output("logits", ElementType.Float32, "batch", 2, 4).Output("pooled", ElementType.Float32, "batch", 100).Build();
        TrainingCost cost = CostOf(model, new ParameterFilter { Freeze = ["unused"] }, ("x", [3, Batch]));
        const long gemm = 2 * Batch * 3 * 7, einsum = 2 * Batch * 7 * 2 * 4;
        Assert.Equal(gemm + einsum, cost.Forward);
        Assert.Equal(gemm + (2 * einsum), cost.Backward);
    }

    [Fact]
    public void What_only_constants_have_a_part_in_costs_nothing()
    {
        using OnnxModel model = new TestGraph(18)
            .Input("x", ElementType.Float32, "batch", 3)
            .Weight("w", 1, 3, 4).Weight("f", 2, 3, 50).Weight("g", 3, 50, 4)
            .Node("MatMul", "f, g", "fixed").Node("Add", "w, fixed", "sum").Node("MatMul", "x, sum", "logits")
            .Output("logits", ElementType.Float32, "batch", 4).Build();
        TrainingCost cost = CostOf(model, new ParameterFilter { Freeze = ["f", "g"] }, ("x", [Batch, 3]));
        Assert.Equal(2 * Batch * 3 * 4, cost.Forward);
        Assert.Equal(2 * Batch * 3 * 4, cost.Backward);
    }

    private static OnnxModel TwoLayers() => new TestGraph(18)
        .Input("x", ElementType.Float32, "batch", 3)
        .Weight("w1", 1, 3, 7).Weight("b1", 2, 7).Weight("w2", 3, 7, 4)
        .Node("MatMul", "x, w1", "h0").Node("Add", "h0, b1", "h1").Node("Relu", "h1", "h").Node("MatMul", "h, w2", "logits")
        .Output("logits", ElementType.Float32, "batch", 4).Build();

    private static TrainingCost CostOf(OnnxModel model, ParameterFilter filter, params (string Name, long[] Dims)[] inputs)
    {
        ElementType TypeOf(string name) => (ElementType)model.Proto.Graph.Input.First(i => i.Name == name).Type.TensorType.ElemType;
        var example = inputs.ToDictionary(
            i => i.Name, i => RuntimeTensor.FromDoubles(TypeOf(i.Name), i.Dims, [.. Enumerable.Range(0, (int)i.Dims.Aggregate(1L, (a, b) => a * b)).Select(n => (double)(n % 3))]), StringComparer.Ordinal);
        using TrainableModel trainable = TrainableModel.Of(model, example, filter);
        return TrainingCost.Of(trainable, new CrossEntropy("logits"));
    }
}
