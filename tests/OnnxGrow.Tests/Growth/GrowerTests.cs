using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Growth;

public class GrowerTests
{
    private static byte[] Grow(string file, GrowthRequest request)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(model);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request));
        return grown.Model.ToBytes();
    }

    private static float[] Floats(ModelProto model, string name)
    {
        TensorProto tensor = model.Graph.Initializer.Single(t => t.Name == name);
        var values = new float[tensor.RawData.Length / 4];
        Buffer.BlockCopy(tensor.RawData.ToByteArray(), 0, values, 0, tensor.RawData.Length);
        return values;
    }

    [Theory]
    [InlineData("bert-mini-op12.onnx", 96)]
    [InlineData("gpt2-mini-op17.onnx", 64)]
    [InlineData("vit-mini-qkv-op12.onnx", 80)]
    public void The_same_plan_gives_the_same_bytes_and_another_seed_does_not(string file, int hidden)
    {
        var request = new GrowthRequest { Hidden = hidden, Layers = 5, Seed = 7 };
        byte[] once = Grow(file, request);
        Assert.Equal(once, Grow(file, request));
        Assert.NotEqual(once, Grow(file, request with { Seed = 8 }));
    }

    [Fact]
    public void What_does_not_grow_stays_as_it_was()
    {
        foreach (string path in Repository.Models)
        {
            using OnnxModel model = OnnxModel.Open(path);
            ModelMap map = ModelMap.Of(model);
            using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 96, Layers = 4 }));
            ModelProto before = model.Proto;
            ModelProto after = grown.Model.Proto;
            Assert.Equal(before.Graph.Input, after.Graph.Input);
            Assert.Equal(before.Graph.Output, after.Graph.Output);
            Assert.Equal(before.OpsetImport, after.OpsetImport);
            Assert.Equal(before.ProducerName, after.ProducerName);

            // The source's nodes are there, in their order, under their names; constants that nothing uses any more may go.
            string[] wanted = [.. before.Graph.Node.Where(n => n.OpType != "Constant").Select(n => n.Name)];
            var there = wanted.ToHashSet(StringComparer.Ordinal);
            Assert.Equal(wanted, after.Graph.Node.Select(n => n.Name).Where(there.Contains));
        }
    }

    [Fact]
    public void A_constant_that_means_something_else_too_is_not_changed_under_it()
    {
        // One constant 3 is the number of heads in nine reshapes and an axis of the mask's slices.
        ModelProto before = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Repository.Model("gpt2-mini-op17.onnx")));
        ModelProto after = ModelProto.Parser.ParseFrom(Grow("gpt2-mini-op17.onnx", new GrowthRequest { Heads = 6 }));
        foreach (NodeProto slice in before.Graph.Node.Where(n => n.OpType == "Slice"))
        {
            NodeProto same = after.Graph.Node.Single(n => n.Name == slice.Name);
            Assert.Equal(slice.Input, same.Input);
        }
    }

    [Fact]
    public void Copies_of_lemon_differ_and_those_of_net2net_do_not()
    {
        foreach (string method in new[] { "lemon", "net2net" })
        {
            var model = ModelProto.Parser.ParseFrom(Grow("gpt2-mini-op17.onnx", new GrowthRequest { Hidden = 96, Method = method }));
            float[] w = Floats(model, "transformer.h.0.mlp.c_proj.weight"); // [384, 96], rows i and i + 192 are copies
            int equal = Enumerable.Range(0, 192 * 96).Count(i => w[i] == w[i + (192 * 96)]);
            Assert.True(method == "net2net" ? equal == 192 * 96 : equal < 20, $"{method}: {equal} equal");
        }
    }

    [Fact]
    public void New_layers_add_nothing_by_zeros_or_by_copies_that_cancel()
    {
        foreach (BlockStyle block in new[] { BlockStyle.Zero, BlockStyle.Cancel })
        {
            var model = ModelProto.Parser.ParseFrom(Grow("gpt2-mini-op17.onnx", new GrowthRequest { Hidden = 96, Layers = 4, Block = block }));
            TensorProto added = model.Graph.Initializer.Single(t => t.Name.StartsWith("transformer.h.2.mlp.c_proj.weight_grown", StringComparison.Ordinal));
            float[] w = Floats(model, added.Name);
            if (block == BlockStyle.Zero)
            {
                Assert.All(w, v => Assert.Equal(0, v));
                continue;
            }

            Assert.True(w.Count(v => v != 0) > w.Length * 0.9);
            for (int i = 0; i < 192 * 96; i++)
            {
                Assert.Equal(0f, w[i] + w[i + (192 * 96)]);
            }
        }
    }

    [Fact]
    public void A_fresh_initialisation_has_gains_of_one_and_biases_of_zero_and_says_that_it_is_lossy()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("vit-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 96, Layers = 4, Method = "random" }));
        Assert.Equal(Exactness.Lossy, grown.Exactness);
        var model = ModelProto.Parser.ParseFrom(grown.Model.ToBytes());
        Assert.All(Floats(model, "vit.encoder.layer.0.layernorm_before.weight"), v => Assert.Equal(1, v));
        Assert.All(Floats(model, "vit.encoder.layer.0.layernorm_before.bias"), v => Assert.Equal(0, v));
        Assert.All(Floats(model, "vit.encoder.layer.0.attention.attention.query.bias"), v => Assert.Equal(0, v));
        float[] table = Floats(model, "vit.embeddings.position_embeddings");
        Assert.Equal(17 * 96, table.Length);
        Assert.Equal(0.02, Math.Sqrt(table.Average(v => (double)v * v)), 0.002);
    }

    [Fact]
    public void An_unknown_operator_on_a_growing_axis_stops_the_growth_and_is_named()
    {
        var g = new GraphBuilder(new SplitMix64(3), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        string h = g.Node("MatMul", [x, g.Weight("up", 1, 0, 4, 6)]);
        string odd = g.Node("Frobnicate", [h]);
        g.Graph.ValueInfo.Add(new ValueInfoProto { Name = odd, Type = g.Graph.Input[0].Type.Clone() });
        g.Output(g.Node("MatMul", [h, g.Weight("down", 1, 0, 6, 4)]), "y", ElementType.Float32, "batch", 4);
        g.Output(odd, "z", ElementType.Float32, "batch", 4);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        ModelMap map = ModelMap.Of(model);
        Dimension inner = map.Dimensions.Single(d => d.Extent == 6);
        Assert.False(inner.CanGrow);
        Assert.Contains("Frobnicate", inner.Refusals[0], StringComparison.Ordinal);
        var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(inner.Name, 8) };
        Assert.Contains("Frobnicate", Assert.Throws<CannotGrowException>(() => Grower.Grow(map, plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_operator_elsewhere_does_not_matter()
    {
        var g = new GraphBuilder(new SplitMix64(3), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 4);
        string h = g.Node("Relu", [g.Node("MatMul", [g.Node("Frobnicate", [x]), g.Weight("up", 1, 0, 4, 6)])]);
        g.Graph.ValueInfo.Add(new ValueInfoProto { Name = "Frobnicate_0_out", Type = g.Graph.Input[0].Type.Clone() });
        g.Output(g.Node("MatMul", [h, g.Weight("down", 1, 0, 6, 4)]), "y", ElementType.Float32, "batch", 4);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        ModelMap map = ModelMap.Of(model);
        Dimension inner = map.Dimensions.Single(d => d.Extent == 6);
        Assert.True(inner.CanGrow);
        var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(inner.Name, 8) };
        using GrownModel grown = Grower.Grow(map, plan);
        Assert.Equal(2, grown.Weights.Count);
    }

    [Fact]
    public void Equal_vectors_that_an_exporter_merged_grow_each_in_its_own_way()
    {
        // One zero vector is the bias of the inner width and of the output, which have the same extent.
        var g = new GraphBuilder(new SplitMix64(3), 17);
        string x = g.Input("x", ElementType.Float32, "batch", 6);
        string zeros = g.Floats("zeros", [6], new float[6]);
        string h = g.Node("Relu", [g.Node("Add", [g.Node("MatMul", [x, g.Weight("up", 1, 0, 6, 6)]), zeros])]);
        g.Output(g.Node("Add", [g.Node("MatMul", [h, g.Weight("down", 1, 0, 6, 6)]), zeros]), "y", ElementType.Float32, "batch", 6);
        using OnnxModel model = OnnxModel.FromProto(g.Finish());
        ModelMap map = ModelMap.Of(model);
        Dimension inner = map.Dimensions.Single(d => d is { CanGrow: true, Growth: DimensionGrowth.Expand });
        var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(inner.Name, 9) };
        using GrownModel grown = Grower.Grow(map, plan);
        var after = ModelProto.Parser.ParseFrom(grown.Model.ToBytes());
        Assert.Equal([6L, 9L], after.Graph.Initializer.Where(t => t.Dims.Count == 1).Select(t => t.Dims[0]).Order());
    }

    [Fact]
    public void A_graph_whose_nodes_are_out_of_order_is_read_and_a_circle_is_refused()
    {
        ModelProto proto = RandomTransformer.Build(new TransformerShape { Layers = 2 }, 5);
        NodeProto[] reversed = [.. proto.Graph.Node.Reverse()];
        proto.Graph.Node.Clear();
        proto.Graph.Node.AddRange(reversed);
        using OnnxModel model = OnnxModel.FromProto(proto);
        Assert.Equal(2, ModelMap.Of(model).Layers.Count);

        proto.Graph.Node[^1].Input[0] = proto.Graph.Node[0].Output[0];
        Assert.Contains("cycle", Assert.Throws<BadInputException>(() => ModelMap.Of(model)).Message, StringComparison.Ordinal);
    }
}
