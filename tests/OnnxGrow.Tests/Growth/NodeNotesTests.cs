using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Growth;

/// <summary>What nodes of a grown model say of their weights.</summary>
public sealed class NodeNotesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_node_says_what_its_weight_came_from()
    {
        string path = Grow(Repository.Model("gpt2-mini-op17.onnx"), new GrowthRequest { Hidden = 96, Layers = 4 }, "grown.onnx");
        using OnnxModel grown = OnnxModel.Open(path);
        Assert.Matches(
            @"^transformer\.h\.0\.mlp\.c_fc\.weight \[48 hidden, 192 ffn\.0\] -> \[96, 384\], from the source's transformer\.h\.0\.mlp\.c_fc\.weight; rules [0-9., A-Z]+; class B1, exact weights$",
            Note(grown, "transformer.h.0.mlp.c_fc.weight"));
        Assert.Contains(grown.Proto.Graph.Node.SelectMany(n => n.MetadataProps), p => p.Value.Contains("_grown0 [", StringComparison.Ordinal) && p.Value.Contains("from the source's transformer.h.", StringComparison.Ordinal));
    }

    [Fact]
    public void Fresh_weights_and_mixtures_say_so()
    {
        using OnnxModel random = OnnxModel.Open(Grow(Repository.Model("gpt2-mini-op17.onnx"), new GrowthRequest { Hidden = 96, Method = "random" }, "random.onnx"));
        Assert.Equal("transformer.h.0.mlp.c_fc.weight [96, 384]: drawn anew", Note(random, "transformer.h.0.mlp.c_fc.weight"));
        using OnnxModel mixed = OnnxModel.Open(Grow(Repository.Model("gpt2-mini-op17.onnx"), new GrowthRequest { Hidden = 96, Method = "bert2bert-aki" }, "mixed.onnx"));
        Assert.Contains("c_fc.weight and of the layer behind; rules", Note(mixed, "transformer.h.0.mlp.c_fc.weight"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_growth_replaces_those_of_the_first()
    {
        string first = Grow(Repository.Model("gpt2-mini-op17.onnx"), new GrowthRequest { Hidden = 96 }, "first.onnx");
        using OnnxModel second = OnnxModel.Open(Grow(first, new GrowthRequest { Hidden = 192 }, "second.onnx"));
        Assert.Contains("[96 hidden, 384 ffn.0] -> [192, 768]", Note(second, "transformer.h.0.mlp.c_fc.weight"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_certificate_holds_without_them_and_not_without_a_node()
    {
        string source = Repository.Model("gpt2-mini-op17.onnx");
        string path = Grow(source, new GrowthRequest { Hidden = 96 }, "grown.onnx");
        using OnnxModel model = OnnxModel.Open(source);
        using GrownModel expected = Grower.Grow(ModelMap.Of(model), Planner.Plan(ModelMap.Of(model), new GrowthRequest { Hidden = 96 }));
        using OnnxModel stripped = OnnxModel.Open(path);
        NodeNotes.Remove(stripped.Proto);
        Assert.DoesNotContain(stripped.Proto.Graph.Node, n => n.MetadataProps.Any(p => p.Key.StartsWith(NodeNotes.Prefix, StringComparison.Ordinal)));
        stripped.Save(_folder.File("stripped.onnx"));
        using OnnxModel found = OnnxModel.Open(_folder.File("stripped.onnx"));
        Assert.True(ModelCertificate.Check(expected, found).Passed);
        found.Proto.Graph.Node[0].DocString += "!";
        Assert.False(ModelCertificate.Check(expected, found).Passed);
    }

    private string Grow(string source, GrowthRequest request, string name)
    {
        using OnnxModel model = OnnxModel.Open(source);
        var map = ModelMap.Of(model);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request));
        string path = _folder.File(name);
        grown.Model.Save(path);
        return path;
    }

    private static string Note(OnnxModel model, string weight) => model.Proto.Graph.Node
        .Where(n => n.Input.Contains(weight))
        .SelectMany(n => n.MetadataProps)
        .First(p => p.Value.StartsWith(weight + " ", StringComparison.Ordinal)).Value;
}
