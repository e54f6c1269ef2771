using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Compare;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Compare;

public sealed class ModelComparerTests : IDisposable
{
    private const string Gpt = "gpt2-mini-op17.onnx";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static ModelComparison Compare(string a, string b)
    {
        using OnnxModel x = OnnxModel.Open(a);
        using OnnxModel y = OnnxModel.Open(b);
        return ModelComparer.Compare(ModelMap.Of(x), ModelMap.Of(y));
    }

    private string Changed(string name, Action<ModelProto> change)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Repository.Model(Gpt)));
        change(model);
        string path = _folder.File(name);
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
        return path;
    }

    private string Grown(GrowthRequest request)
    {
        string source = Repository.Model(Gpt);
        using OnnxModel model = OnnxModel.Open(source);
        ModelMap map = ModelMap.Of(model);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request) with { SourceSha256 = ContentHash.Sha256OfFile(source) });
        PlanMetadata.SetVerdict(grown.Model.Proto, "not verified");
        string path = _folder.File("grown.onnx");
        grown.Model.Save(path);
        return path;
    }

    [Fact]
    public void A_file_is_equal_to_itself()
    {
        ModelComparison diff = Compare(Repository.Model(Gpt), Repository.Model(Gpt));
        Assert.True(diff.IsSame);
        Assert.True(diff.SameFile);
        Assert.Empty(diff.Tensors);
    }

    [Fact]
    public void What_a_model_says_of_itself_is_no_difference()
    {
        ModelComparison diff = Compare(Repository.Model(Gpt), Changed("a.onnx", m => m.ProducerName = "another"));
        Assert.True(diff.IsSame);
        Assert.False(diff.SameFile);
    }

    [Fact]
    public void One_changed_weight_is_told()
    {
        ModelComparison diff = Compare(Repository.Model(Gpt), Changed("a.onnx", m =>
        {
            TensorProto tensor = m.Graph.Initializer.First(t => t.Name == "transformer.wte.weight");
            byte[] bytes = tensor.RawData.ToByteArray();
            bytes[0] ^= 1;
            tensor.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
        }));
        Assert.False(diff.IsSame);
        TensorDifference tensor = Assert.Single(diff.Tensors);
        Assert.Equal((TensorChange.Revalued, "transformer.wte.weight"), (tensor.Change, tensor.NameB));
        Assert.Empty(diff.Operators);
        Assert.Empty(diff.Interface);
        Assert.Null(diff.Lineage);
    }

    [Fact]
    public void A_changed_attribute_is_a_difference_although_all_weights_are_the_same()
    {
        ModelComparison diff = Compare(Repository.Model(Gpt), Changed("a.onnx", m => m.Graph.Node.First(n => n.OpType == "Softmax").Attribute[0].I = 0));
        Assert.False(diff.IsSame);
        Assert.Empty(diff.Tensors);
    }

    [Fact]
    public void A_grown_model_is_matched_by_its_plan()
    {
        ModelComparison diff = Compare(Repository.Model(Gpt), Grown(new GrowthRequest { Hidden = 64, At = [2] }));
        Lineage lineage = diff.Lineage!;
        Assert.True(lineage.OfB);
        Assert.True(lineage.OtherIsSource);
        Assert.Equal("not verified", lineage.Verdict);
        Assert.Contains("hidden 48 -> 64", lineage.Changes);
        Assert.Contains("layers 3 -> 4 (new ones behind 2)", lineage.Changes);
        Assert.Contains(diff.Facts, f => f is { Name: "layers", A: "3", B: "4" });
        Assert.Contains(diff.Dimensions, d => d is { Name: "hidden", A: 48, B: 64 });
        Assert.Contains(diff.Dimensions, d => d is { Name: "ffn.3", A: null, B: 256 });
        TensorDifference table = diff.Tensors.Single(t => t.NameB == "transformer.wte.weight");
        Assert.Equal((TensorChange.Reshaped, "float32 [500, 48]", "float32 [500, 64]", Exactness.Rounded), (table.Change, table.ShapeA, table.ShapeB, table.Exactness));
        TensorDifference added = diff.Tensors.Single(t => t.NameB == "transformer.h.2.mlp.c_fc.weight_grown0");
        Assert.Equal((TensorChange.Added, "transformer.h.2.mlp.c_fc.weight"), (added.Change, added.NameA));
        Assert.Contains("4.1", added.Rules);
        Assert.Contains(diff.Norms, n => n is { A: 7, B: 9 });
        Assert.Contains(diff.Operators, o => o is { Operator: "LayerNormalization", A: 7, B: 9 });
    }

    [Fact]
    public void The_other_way_round_is_told_too()
    {
        ModelComparison diff = Compare(Grown(new GrowthRequest { Ffn = 250 }), Repository.Model(Gpt));
        Assert.False(diff.Lineage!.OfB);
        Assert.True(diff.Lineage.OtherIsSource);
    }

    [Fact]
    public void Metadata_that_names_another_source_or_cannot_be_read_is_told()
    {
        ModelComparison other = Compare(Repository.Model("vit-mini-op17.onnx"), Grown(new GrowthRequest { Ffn = 250 }));
        Assert.False(other.Lineage!.OtherIsSource);
        Assert.Contains(other.Interface, i => i is { Name: "pixel_values", IsInput: true, B: null });

        string broken = Changed("b.onnx", m => m.MetadataProps.Add(new StringStringEntryProto { Key = PlanMetadata.PlanKey, Value = "{ what: ever }" }));
        Lineage lineage = Compare(Repository.Model(Gpt), broken).Lineage!;
        Assert.Null(lineage.Plan);
        Assert.Contains("unknown key", lineage.PlanFault, StringComparison.Ordinal);
    }
}
