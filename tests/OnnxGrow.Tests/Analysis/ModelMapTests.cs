using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

public class ModelMapTests
{
    [Theory]
    [InlineData("bert-mini-op12.onnx", "encoder (full attention) on token ids", "Post-LayerNorm", true, 500)]
    [InlineData("bert-mini-op17.onnx", "encoder (full attention) on token ids", "Post-LayerNorm", true, 500)]
    [InlineData("bert-mini-folded-op12.onnx", "encoder (full attention) on token ids", "Post-LayerNorm", false, 500)]
    [InlineData("bert-mini-folded-op17.onnx", "encoder (full attention) on token ids", "Post-LayerNorm", false, 500)]
    [InlineData("gpt2-mini-op12.onnx", "decoder (causal attention) on token ids", "Pre-LayerNorm", true, 500)]
    [InlineData("gpt2-mini-op17.onnx", "decoder (causal attention) on token ids", "Pre-LayerNorm", true, 500)]
    [InlineData("vit-mini-op12.onnx", "encoder (full attention) on images", "Pre-LayerNorm", false, null)]
    [InlineData("vit-mini-op17.onnx", "encoder (full attention) on images", "Pre-LayerNorm", false, null)]
    [InlineData("vit-mini-qkv-op12.onnx", "encoder (full attention) on images", "Pre-LayerNorm", false, null)]
    [InlineData("vit-mini-qkv-op17.onnx", "encoder (full attention) on images", "Pre-LayerNorm", false, null)]
    public void Reads_off_what_the_models_are(string file, string family, string norms, bool tied, int? vocabulary)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(model);
        ModelSummary summary = ModelSummary.Of(map);

        Assert.Equal(family, summary.Family);
        Assert.Equal(norms, summary.NormPlacement);
        Assert.Equal(tied, summary.TiedHead);
        Assert.Equal(48, map.Hidden!.Extent);
        Assert.Single(map.Of(DimensionRole.Hidden));
        Assert.Equal(3, map.Layers.Count);
        Assert.Equal([3L, 3, 3], map.Of(DimensionRole.Heads).Select(d => d.Extent));
        Assert.Equal([192L, 192, 192], map.Of(DimensionRole.Ffn).Select(d => d.Extent));
        Assert.All(map.Of(DimensionRole.HeadDim), d => Assert.Equal(16, d.Extent));

        // An output layer that has a table of its own has rows of its own.
        Assert.Equal(vocabulary is { } rows ? Enumerable.Repeat((long)rows, tied ? 1 : 2) : [], map.Of(DimensionRole.Vocabulary).Select(d => d.Extent));
        Assert.Equal(file.StartsWith("bert", StringComparison.Ordinal) ? 8 : 7, map.Norms.Count);
    }

    [Theory]
    [InlineData("bart-mini-op17.onnx", "encoder-decoder (full attention, then causal attention) on token ids")]
    [InlineData("t5-mini-op17.onnx", "encoder-decoder (full attention, then causal attention) on token ids")]
    [InlineData("clip-mini-op17.onnx", "2 towers (full attention; causal attention) on token ids and images")]
    [InlineData("swin-mini-op17.onnx", "encoder (full attention) on images")]
    [InlineData("cait-mini-op17.onnx", "encoder (full attention) on images")]
    [InlineData("whisper-encoder-mini-op17.onnx", "encoder (full attention) on features")]
    [InlineData("llama-mini-op10.onnx", "decoder (causal attention) on token ids")]
    [InlineData("bloom-mini-op11.onnx", "decoder (causal attention) on token ids")]
    [InlineData("roberta-mini-op14.onnx", "encoder (full attention) on token ids")]
    [InlineData("styles/gpt-op9.onnx", "decoder (causal attention) on token ids")]
    [InlineData("styles/gpt-scan.onnx", "decoder (causal attention) on token ids")]
    [InlineData("styles/llama-gqa-ms.onnx", "decoder (causal attention) on token ids")]
    [InlineData("styles/t5-decoder-ms.onnx", "decoder (causal attention) on token ids")]
    [InlineData("styles/bert-embed-ms.onnx", "encoder (full attention) on token ids")]
    public void Tells_families_by_their_masks_and_stacks(string file, string family)
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model(file));
        Assert.Equal(family, ModelSummary.Of(ModelMap.Of(model)).Family);
    }

    [Fact]
    public void Sizes_and_placements_are_the_same_at_both_opsets()
    {
        foreach (string name in new[] { "bert-mini", "bert-mini-folded", "gpt2-mini", "vit-mini", "vit-mini-qkv" })
        {
            using OnnxModel a = OnnxModel.Open(Repository.Model(name + "-op12.onnx"));
            using OnnxModel b = OnnxModel.Open(Repository.Model(name + "-op17.onnx"));
            ModelMap x = ModelMap.Of(a);
            ModelMap y = ModelMap.Of(b);
            Assert.Equal(x.Dimensions.Select(d => (d.Name, d.Extent, d.CanGrow)), y.Dimensions.Select(d => (d.Name, d.Extent, d.CanGrow)));
            Assert.Equal(x.Placements, y.Placements);
        }
    }

    [Fact]
    public void Ties_every_writer_and_reader_of_the_stream()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(model);
        var tied = map.Hidden!.Weights.Select(w => (w.Tensor, w.Axis)).ToHashSet();
        Assert.Contains(("transformer.wte.weight", 1), tied);
        Assert.Contains(("transformer.wpe.weight", 1), tied);
        Assert.Contains(("transformer.ln_f.weight", 0), tied);
        Assert.Contains(("transformer.h.0.attn.c_attn.weight", 0), tied);
        Assert.Contains(("transformer.h.0.attn.c_proj.weight", 1), tied);
        Assert.Contains(("transformer.h.2.mlp.c_proj.bias", 0), tied);
        Assert.DoesNotContain(("transformer.h.0.attn.c_attn.bias", 0), tied);
    }

    [Fact]
    public void Parts_add_up_to_the_whole()
    {
        foreach (string path in Repository.Models)
        {
            using OnnxModel model = OnnxModel.Open(path);
            ModelSummary summary = ModelSummary.Of(ModelMap.Of(model));
            Assert.Equal(summary.Parameters, summary.Parts.Sum(p => p.Parameters));
            Assert.Equal(["embeddings", "layer 0", "layer 1", "layer 2", "head"], summary.Parts.Select(p => p.Part));
        }
    }
}
