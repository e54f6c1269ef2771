using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

/// <summary>Nodes with other inputs than their operator has: whatever follows a graph may count on them, so none is let in.</summary>
public sealed class OperatorArityTests
{
    private static OnnxModel Model(string op, int outputs, params string[] inputs)
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        g.Nodes(op, [.. inputs.Select(i => i.Length == 0 ? "" : x)], outputs);
        g.Output(x, "y", ElementType.Float32, "batch", 4);
        return OnnxModel.FromProto(g.Finish());
    }

    [Theory]
    [InlineData("Add", "'Add_0' (Add) has 1 input, and its operator takes 2", "x")]
    [InlineData("Add", "'Add_0' (Add) has 3 inputs, and its operator takes 2", "x", "", "x")]
    [InlineData("MatMul", "'MatMul_0' (MatMul) has 3 inputs, and its operator takes 2", "x", "x", "")]
    [InlineData("MatMul", "'MatMul_0' (MatMul) leaves out input 1,", "x", "")]
    [InlineData("Concat", "'Concat_0' (Concat) leaves out input 1,", "x", "", "x")]
    [InlineData("Sum", "'Sum_0' (Sum) has 0 inputs, and its operator takes at least 1")]
    [InlineData("Gemm", "'Gemm_0' (Gemm) has 4 inputs, and its operator takes 2 to 3", "x", "x", "x", "x")]
    public void Other_inputs_are_refused_with_what_would_be_right(string op, string part, params string[] inputs)
    {
        using OnnxModel model = Model(op, 1, inputs);
        Assert.Contains(part, Assert.Throws<BadInputException>(() => ModelMap.Of(model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Max", "x")]
    [InlineData("Clip", "x", "", "x")]
    [InlineData("Gemm", "x", "x", "")]
    [InlineData("NotOfTheStandard", "", "")]
    public void What_may_be_left_out_is(string op, params string[] inputs)
    {
        using OnnxModel model = Model(op, 1, inputs);
        Assert.Contains(ModelMap.Of(model).Graph.Nodes, n => n.Operator == op);
    }

    [Fact]
    public void The_first_output_may_not_be_left_out()
    {
        using OnnxModel model = Model("Relu", 1, "x");
        model.Proto.Graph.Node[0].Output[0] = "";
        Assert.Contains("leaves out its first output", Assert.Throws<BadInputException>(() => ModelMap.Of(model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RotaryEmbedding", 3)]
    [InlineData("GroupQueryAttention", 2)]
    public void Operators_of_runtimes_are_passed_over_where_an_input_is_left_out(string op, int inputs)
    {
        using OnnxModel model = Model(op, 1, [.. Enumerable.Repeat("x", inputs)]);
        model.Proto.Graph.Node[0].Domain = "com.microsoft";
        model.Proto.OpsetImport.Add(new global::Onnx.OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        Assert.Null(ModelMap.Of(model).Graph.Nodes[0].Output(0)!.Axes);
    }
}
