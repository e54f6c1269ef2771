using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

/// <summary>Small graphs whose shapes are huge: what is inferred must cost what the file costs, not what it describes.</summary>
public class HostileSizesTests
{
    private const long Huge = 1L << 40;

    private static void Analyse(Func<GraphBuilder, string, string> write)
    {
        var g = new GraphBuilder(new SplitMix64(1), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        g.Output(write(g, x), "y", ElementType.Float32, "batch", 4);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelMap.Of(model);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 300L << 20);
    }

    [Fact]
    public void Lists_of_sizes_that_double() => Analyse((g, x) =>
    {
        string size = g.Node("Shape", [x]);
        for (int i = 0; i < 60; i++)
        {
            size = g.Node("Concat", [size, size], ("axis", 0));
        }

        return g.Node("Reshape", [x, size]);
    });

    [Fact]
    public void Constants_of_a_huge_shape() => Analyse((g, x) =>
        g.Node("Add", [x, g.Node("ConstantOfShape", [g.Ints("shape", Huge, Huge, Huge)])]));

    [Fact]
    public void A_rank_of_billions() => Analyse((g, x) =>
        g.Node("Expand", [x, g.Node("ConstantOfShape", [g.Ints("rank", Huge)])]));

    [Fact]
    public void A_row_of_numbers_without_end() => Analyse((g, x) =>
        g.Node("Reshape", [x, g.Node("Range", [g.Int("start", 0), g.Int("limit", Huge), g.Int("delta", 1)])]));

    [Fact]
    public void Repeats_of_repeats() => Analyse((g, x) =>
    {
        for (int i = 0; i < 40; i++)
        {
            x = g.Node("Tile", [x, g.Ints("repeats", 1, 1 << 20)]);
        }

        return x;
    });

    [Fact]
    public void Sizes_stretched_to_many() => Analyse((g, x) =>
        g.Node("Reshape", [x, g.Node("Expand", [g.Node("Shape", [x]), g.Ints("to", Huge)])]));

    [Fact]
    public void Axes_that_add_up_to_a_rank_of_millions() => Analyse((g, x) =>
    {
        long[] axes = [.. Enumerable.Range(0, 2000).Select(i => (long)i)];
        for (int i = 0; i < 500; i++)
        {
            x = g.Node("Unsqueeze", [x], ("axes", axes));
        }

        return x;
    });

    [Fact]
    public void A_split_into_millions() => Analyse((g, x) =>
        g.Node("Split", [g.Node("Expand", [x, g.Ints("to", 1, Huge)])], ("axis", 1), ("num_outputs", 1 << 30)));

    [Fact]
    public void A_loop_with_turns_without_end() => Analyse((g, x) =>
    {
        var body = new global::Onnx.GraphProto { Name = "body" };
        foreach (string name in new[] { "turn", "on", "state" })
        {
            body.Input.Add(new global::Onnx.ValueInfoProto { Name = name });
        }

        body.Node.Add(new global::Onnx.NodeProto { OpType = "Relu", Input = { "state" }, Output = { "next" } });
        body.Output.Add(new global::Onnx.ValueInfoProto { Name = "on" });
        body.Output.Add(new global::Onnx.ValueInfoProto { Name = "next" });
        string result = g.Node("Loop", [g.Int("turns", long.MaxValue), "", x]);
        g.Graph.Node[^1].Attribute.Add(new global::Onnx.AttributeProto { Name = "body", Type = global::Onnx.AttributeProto.Types.AttributeType.Graph, G = body });
        return result;
    });

    [Fact]
    public void A_product_of_sizes_beyond_64_bits() => Analyse((g, x) =>
    {
        string y = g.Node("Expand", [x, g.Ints("to", Huge, Huge, 4)]);
        y = g.Node("Reshape", [y, g.Ints("flat", -1)]);
        return g.Node("Reshape", [y, g.Ints("back", Huge, Huge, 4)]);
    });

    [Fact]
    public void Weights_of_odd_shapes() => Analyse((g, x) =>
    {
        string a = g.Floats("empty", [0, 4]);
        string b = g.Floats("thin", [1, 1, 1, 1, 1, 1, 1, 1, 4], 1, 2, 3, 4);
        string c = g.Node("Concat", [g.Node("MatMul", [x, g.Floats("none", [4, 0])]), x], ("axis", 1));
        return g.Node("Add", [g.Node("Add", [c, b]), g.Node("ReduceSum", [a], ("keepdims", 1))]);
    });
}
