using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Preparation;

/// <summary>Which tensors of a file are weights, and which of them are one.</summary>
public sealed class ParameterTests
{
    [Fact]
    public void Weights_are_told_from_masks_numbers_and_waves()
    {
        float[] waves = [.. Enumerable.Range(0, 8).SelectMany(p => new[] { (float)Math.Cos(p), (float)Math.Sin(p), (float)Math.Cos(p * 0.1), (float)Math.Sin(p * 0.1) })];
        float[] mask = [.. Enumerable.Range(0, 16).Select(i => i % 4 <= i / 4 ? 0f : -1e9f)];
        float[] triangle = [.. Enumerable.Range(0, 16).Select(i => i % 4 <= i / 4 ? 1f : 0f)];
        using OnnxModel model = new TestGraph().Input("x", ElementType.Float32, "n", 4L, 4L).Output("y", ElementType.Float32)
            .Weight("W", 1, 4, 4).Floats("gain", [4], [1, 1, 1, 1]).Floats("bias", [4], [0, 0, 0, 0]).Floats("half", [], [0.5f])
            .Floats("mask", [1, 4, 4], mask).Floats("triangle", [4, 4], triangle).Floats("waves", [8, 4], waves).Ints("four", [4], 0, 1, 2, 3)
            .Floats("angles", [4], [1, 0.5f, 0.25f, 0.1f]).Weight("unused", 2, 3)
            .Node("MatMul", "x,W", "a").Node("Mul", "a,half", "b").Node("Add", "b,mask", "c").Node("Mul", "c,triangle", "d")
            .Node("Gather", "waves,four", "w").Node("Add", "d,w", "e").Node("Mul", "e,gain", "f").Node("Add", "f,bias", "g")
            .Node("Mul", "x,angles", "h").Node("Cos", "h", "i").Node("Add", "g,i", "y").Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        using TrainableModel trainable = TrainableModel.Of(model, Inputs(2, 4, 4), new ParameterFilter());
        Assert.Equal(["W", "gain", "bias"], trainable.Parameters.Select(p => p.Name));
        Assert.Equal([ParameterRole.Matrix, ParameterRole.Vector, ParameterRole.Vector], trainable.Parameters.Select(p => p.Role));
        Dictionary<string, string> frozen = trainable.Frozen.ToDictionary(f => f.Name, f => f.Reason);
        Assert.Equal("a mask", frozen["mask"]);
        Assert.Equal("a mask", frozen["triangle"]);
        Assert.Equal("sines and cosines of positions", frozen["waves"]);
        Assert.Equal("the angles of positions", frozen["angles"]);
        Assert.Equal("a number, not a weight", frozen["half"]);
        Assert.Equal("nothing reads it", frozen["unused"]);
    }

    [Fact]
    public void Patterns_decide_and_a_pattern_of_nothing_is_an_error()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        IReadOnlyDictionary<string, RuntimeTensor> inputs = ExampleInputs.Of(model);
        using (TrainableModel some = TrainableModel.Of(model, inputs, new ParameterFilter { Freeze = ["*.bias", "*wpe*"], Train = ["*"] }))
        {
            Assert.DoesNotContain(some.Parameters, p => p.Name.EndsWith(".bias", StringComparison.Ordinal) || p.Name.Contains("wpe", StringComparison.Ordinal));
            Assert.Contains(some.Frozen, f => f.Reason == "frozen by the recipe");
        }

        string message = Assert.Throws<BadInputException>(() => TrainableModel.Of(model, inputs, new ParameterFilter { Freeze = ["encoder.*"] })).Message;
        Assert.Contains("'encoder.*'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_layer_that_is_the_token_table_is_one_weight_with_it()
    {
        float[] table = [.. Enumerable.Range(0, 40).Select(i => (float)Math.Sin(i))];
        float[] turned = [.. Enumerable.Range(0, 40).Select(i => table[((i % 10) * 4) + (i / 10)])];
        using OnnxModel model = new TestGraph().Input("ids", ElementType.Int64, "n", "s").Output("logits", ElementType.Float32)
            .Floats("table", [10, 4], table).Floats("head", [4, 10], turned).Weight("W", 3, 4, 4).Floats("W2", [4, 4], [.. table[..16]])
            .Node("Gather", "table,ids", "x").Node("MatMul", "x,W", "h").Node("MatMul", "h,W2", "i").Node("MatMul", "i,head", "logits").Build();
        model.Proto.Graph.Output[0].Type.TensorType.Shape = null;
        var ids = new Dictionary<string, RuntimeTensor> { ["ids"] = RuntimeTensor.FromIntegers(ElementType.Int64, [2, 3], [0, 1, 2, 3, 4, 5]) };
        using TrainableModel trainable = TrainableModel.Of(model, ids, new ParameterFilter());
        Assert.Equal(new TiedWeight("head", "table", true), Assert.Single(trainable.Ties));
        Assert.Equal(["table", "W", "W2"], trainable.Parameters.Select(p => p.Name));
    }

    [Fact]
    public void Constant_weights_that_an_exporter_wrote_once_are_separated()
    {
        using OnnxModel model = new TestGraph().Input("x", ElementType.Float32, "n", 5L).Output("y", ElementType.Float32, "n", 5L)
            .Floats("ones", [5], [1, 1, 1, 1, 1]).Weight("shared", 1, 5)
            .Node("Mul", "x,ones", "a").Node("Add", "a,shared", "b").Node("Mul", "b,ones", "c").Node("Add", "c,shared", "d").Node("Mul", "d,ones", "y").Build();
        Assert.Equal(2, SharedConstants.Separate(model));
        Assert.Equal(3, model.Proto.Graph.Node.Where(n => n.OpType == "Mul").Select(n => n.Input[1]).Distinct().Count());
        Assert.Single(model.Proto.Graph.Node.Where(n => n.OpType == "Add").Select(n => n.Input[1]).Distinct());
        using TrainableModel trainable = TrainableModel.Of(model, Inputs(2, 5), new ParameterFilter());
        Assert.Equal(4, trainable.Parameters.Count);
    }

    [Fact]
    public void A_model_without_weights_says_what_it_has()
    {
        using OnnxModel model = new TestGraph().Input("x", ElementType.Float32, "n", 3L).Output("y", ElementType.Float32, "n", 3L)
            .Floats("two", [], [2]).Node("Mul", "x,two", "y").Build();
        Assert.Contains("'two' is a number", Assert.Throws<CannotTrainException>(() => TrainableModel.Of(model, Inputs(2, 3), new ParameterFilter())).Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, RuntimeTensor> Inputs(params long[] dims) =>
        new() { ["x"] = RuntimeTensor.FromDoubles(ElementType.Float32, dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(i => Math.Cos(i))]) };
}
