using System.Text.Json.Nodes;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Export;
using Xunit;

namespace OnnxGrow.Training.Tests.Export;

/// <summary>Weights for other frameworks, with their map; and back.</summary>
public sealed class WeightFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_that_an_exporter_made_up_are_found_out_from_the_nodes()
    {
        using OnnxModel folded = OnnxModel.Open(Repository.Model("bert-mini-folded-op17.onnx"));
        using OnnxModel plain = OnnxModel.Open(Repository.Model("bert-mini-op17.onnx"));
        var map = WeightMap.Of(folded).Weights.ToDictionary(w => w.Path, StringComparer.Ordinal);
        foreach (WeightEntry own in WeightMap.Of(plain).Weights)
        {
            Assert.False(own.Transposed);
            Assert.Equal(own.Initializer, own.Path);
            WeightEntry found = map[own.Path];
            Assert.Equal(own.Layer, found.Layer);
            Assert.Equal(own.Path.Contains("layer.1.", StringComparison.Ordinal) ? 1 : own.Layer, found.Layer);
            bool madeUp = found.Initializer.StartsWith("onnx::", StringComparison.Ordinal);
            Assert.Equal(madeUp, found.Transposed);
            Assert.Equal([.. madeUp ? own.Dims.Reverse() : own.Dims], found.Dims.ToArray());
            Assert.Equal(own.Role, found.Role);
        }

        // The same weight, the other way round.
        WeightEntry query = map["bert.encoder.layer.0.intermediate.dense.weight"];
        Assert.Equal([48, 192], query.Dims.ToArray());
        Assert.Equal([["hidden"], ["ffn.0"]], query.Axes.Select(a => a.ToArray()));
    }

    [Theory]
    [InlineData("bert-mini-folded-op12.onnx")]
    [InlineData("vit-mini-op12.onnx")]
    [InlineData("llama-mini-op17.onnx")]
    [InlineData("styles/gpt-op20-functions.onnx")]
    [InlineData("styles/bert-tf-op11.onnx")]
    public void Every_weight_has_a_name_of_its_own(string file)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        WeightMap map = WeightMap.Of(model);
        Assert.Equal(map.Weights.Count, map.Weights.Select(w => w.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(map.Weights.Count, map.Weights.Select(w => w.Initializer).Distinct(StringComparer.Ordinal).Count());
        Assert.True(map.Weights.Count >= 10);
        if (!file.StartsWith("styles", StringComparison.Ordinal))
        {
            Assert.DoesNotContain(map.Weights, w => w.Path.Contains(':', StringComparison.Ordinal) || w.Path.Contains('/', StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", "transformer.h.")]
    [InlineData("bert-mini-folded-op17.onnx", "bert.encoder.layer.")]
    public void Layers_of_a_grown_model_are_counted_through(string file, string prefix)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Layers = 5 }));
        ILookup<int?, WeightEntry> layers = WeightMap.Of(grown.Model).Weights.ToLookup(w => w.Layer);
        string[] first = [.. layers[0].Select(w => w.Path).Order(StringComparer.Ordinal)];
        for (int i = 0; i < 5; i++)
        {
            int layer = i;
            Assert.Equal(
                first.Select(p => p.Replace(prefix + "0.", FormattableString.Invariant($"{prefix}{layer}."), StringComparison.Ordinal)),
                layers[i].Select(w => w.Path).Order(StringComparer.Ordinal));
        }

        Assert.All(layers.SelectMany(l => l), w => Assert.DoesNotContain("_grown", w.Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", "safetensors")]
    [InlineData("bert-mini-folded-op17.onnx", "npz")]
    [InlineData("vit-fp16-mini-op17.onnx", "npz")]
    [InlineData("vit-f64-mini-op17.onnx", "npz")]
    [InlineData("gpt2-bf16-mini-op17.onnx", "safetensors")]
    public void Written_weights_come_back_bit_for_bit(string file, string format)
    {
        string path = _folder.File("weights." + format);
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        WeightMap map = WeightFile.Write(model, path, format);
        JsonNode json = JsonNode.Parse(File.ReadAllText(WeightFile.MapOf(path)))!;
        Assert.Equal("onnxgrow.weights/1", (string?)json["schema"]);
        Assert.Equal(file, (string?)json["model"]);
        Assert.Equal(map.Weights.Select(w => w.Initializer), json["weights"]!.AsObject().Select(w => w.Key));

        // A model whose weights are all others takes them back.
        using OnnxModel emptied = OnnxModel.Open(Repository.Model(file));
        foreach (WeightEntry weight in WeightMap.Of(emptied).Weights)
        {
            emptied.SetData(weight.Tensor, new MemoryTensorData(weight.ElementType, new byte[emptied.DataOf(weight.Tensor).ByteLength]));
        }

        Assert.NotEqual(model.ToBytes(), emptied.ToBytes());
        using (WeightFile.Read(emptied, path))
        {
            emptied.Save(_folder.File("back.onnx"));
        }

        using OnnxModel back = OnnxModel.Open(_folder.File("back.onnx"));
        Assert.Equal(
            WeightMap.Of(model).Weights.SelectMany(w => BytesOf(model, w)),
            WeightMap.Of(back).Weights.SelectMany(w => BytesOf(back, w)));
    }

    [Fact]
    public void Two_writes_give_the_same_bytes()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        WeightFile.Write(model, _folder.File("a.npz"), "npz");
        WeightFile.Write(model, _folder.File("b.npz"), "npz");
        Assert.Equal(File.ReadAllBytes(_folder.File("a.npz")), File.ReadAllBytes(_folder.File("b.npz")));
    }

    [Fact]
    public void A_file_of_another_model_is_refused_with_what_differs()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        using OnnxModel other = OnnxModel.Open(Repository.Model("bert-mini-op17.onnx"));
        WeightFile.Write(other, _folder.File("b.npz"), "npz");
        BadInputException e = Assert.Throws<BadInputException>(() => WeightFile.Read(model, _folder.File("b.npz")));
        Assert.Contains("'transformer.wte.weight' is missing", e.Message, StringComparison.Ordinal);
        Assert.Contains("more", e.Message, StringComparison.Ordinal);

        ModelMap map = ModelMap.Of(model);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Ffn = 200 }));
        WeightFile.Write(grown.Model, _folder.File("g.safetensors"), "safetensors");
        e = Assert.Throws<BadInputException>(() => WeightFile.Read(model, _folder.File("g.safetensors")));
        Assert.Contains("'transformer.h.0.mlp.c_fc.weight' has the extents [48, 200] instead of [48, 192]", e.Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("x"), "PK is no archive");
        Assert.Throws<BadInputException>(() => WeightFile.Read(model, _folder.File("x")));
        Assert.Throws<BadInputException>(() => WeightFile.Read(model, _folder.File("missing")));
    }

    [Fact]
    public void Numpy_has_no_bfloat16()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-bf16-mini-op17.onnx"));
        BadInputException e = Assert.Throws<BadInputException>(() => WeightFile.Write(model, _folder.File("a.npz"), "npz"));
        Assert.Contains("--to safetensors", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("a.npz")));
    }

    private static byte[] BytesOf(OnnxModel model, WeightEntry weight)
    {
        TensorData data = model.DataOf(weight.Tensor);
        byte[] bytes = new byte[data.ByteLength];
        data.ReadBytes(0, bytes);
        return bytes;
    }
}
