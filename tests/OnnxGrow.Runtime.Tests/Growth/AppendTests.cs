using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Tokens, positions and classes: new entries follow the old ones, which stay to the bit.</summary>
public class AppendTests
{
    [Theory]
    [InlineData("gpt2-mini-op17.onnx", 511, "transformer.wte.weight")]
    [InlineData("bert-mini-op12.onnx", 501, "bert.embeddings.word_embeddings.weight")]
    [InlineData("bert-mini-folded-op17.onnx", 600, "bert.embeddings.word_embeddings.weight")]
    [InlineData("llama-mini-op17.onnx", 128, null)]
    [InlineData("bart-mini-op17.onnx", 101, "model.shared.weight")]
    [InlineData("gpt2-bf16-mini-op17.onnx", 241, null)]
    public void Tokens_are_added(string file, long size, string? table)
    {
        if (file.Contains("bf16", StringComparison.Ordinal))
        {
            // No kernels of this type: the bytes speak for themselves.
            using OnnxModel model = OnnxModel.Open(Repository.Model(file));
            ModelMap map = ModelMap.Of(model);
            using GrownModel only = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Vocabulary = size }));
            Assert.Equal(Exactness.BitExact, only.Exactness);
            OldRowsStay(model, only);
            return;
        }

        Proof.Grow(file, new GrowthRequest { Vocabulary = size }, (map, grown) =>
        {
            Assert.Equal(Exactness.BitExact, grown.Exactness);
            OldRowsStay(map.Model, grown);
            Assert.True(table is null || grown.Model.Proto.Graph.Initializer.Single(t => t.Name == table).Dims[0] == size);

            // Wherever tokens come out, there are more of them; nothing else has changed.
            Assert.All(grown.Interface, c => Assert.True(c is { IsAppended: true, IsInput: false, IsNew: false } && c.SourceName == c.GrownName));
            Assert.NotEmpty(grown.Interface);
        });
    }

    [Theory]
    [InlineData("vit-mini-op17.onnx", 13)]
    [InlineData("beit-mini-op13.onnx", 11)]
    [InlineData("swin-mini-op17.onnx", 20)]
    [InlineData("bert-mini-op17.onnx", 3)]
    public void Classes_are_added(string file, long size) => Proof.Grow(file, new GrowthRequest { Classes = size }, (map, grown) =>
    {
        Assert.Equal(Exactness.BitExact, grown.Exactness);
        OldRowsStay(map.Model, grown);
        Assert.NotEmpty(grown.Interface);
    });

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", 64, 70)]
    [InlineData("bert-mini-op17.onnx", 64, 66)]
    [InlineData("phi-mini-op17.onnx", 64, 80)]
    public void Positions_are_added_and_longer_sequences_run(string file, long before, long after) => Proof.Grow(
        file,
        new GrowthRequest { Positions = after },
        (map, grown) =>
        {
            Assert.Equal(Exactness.BitExact, grown.Exactness);
            Assert.Empty(grown.Interface);
            OldRowsStay(map.Model, grown);
            using OnnxModel written = Proof.Written(grown);
            Assert.Throws<NotVerifiedException>(() => Support.Run(map.Model, Ids(map.Model, before + 1)));
            foreach ((_, RuntimeTensor value) in Support.Run(written, Ids(written, after)))
            {
                Assert.DoesNotContain(value.ToDoubles(), double.IsNaN);
            }

            Assert.Throws<NotVerifiedException>(() => Support.Run(written, Ids(written, after + 1)));
        },
        64);

    [Fact]
    public void Appending_goes_with_every_other_growth() =>
        Proof.Grow("gpt2-mini-op17.onnx", new GrowthRequest { Hidden = 64, Heads = 4, HeadDim = 18, Ffn = 200, Vocabulary = 503, Positions = 65, Layers = 4 });

    private static (string, RuntimeTensor)[] Ids(OnnxModel model, long length) => [.. model.Proto.Graph.Input.Select(i =>
        (i.Name, RuntimeTensor.FromIntegers((ElementType)i.Type.TensorType.ElemType, [1, length], [.. Enumerable.Range(0, (int)length).Select(n => i.Name.Contains("ids", StringComparison.Ordinal) && !i.Name.Contains("type", StringComparison.Ordinal) ? n % 7L : i.Name.Contains("mask", StringComparison.Ordinal) ? 1L : 0L)])))];

    /// <summary>What a tensor of the source holds is in the grown one at the same places.</summary>
    private static void OldRowsStay(OnnxModel source, GrownModel grown)
    {
        using OnnxModel written = Proof.Written(grown);
        var after = written.Proto.Graph.Initializer.ToDictionary(t => t.Name, StringComparer.Ordinal);
        int compared = 0;
        foreach (global::Onnx.TensorProto before in source.Proto.Graph.Initializer.Where(t => after.ContainsKey(t.Name) && ElementTypes.IsGrowable((ElementType)t.DataType)))
        {
            double[] old = Read(source, before);
            double[] now = Read(written, after[before.Name]);
            long[] strides = Strides([.. after[before.Name].Dims]);
            long[] own = Strides([.. before.Dims]);
            for (int i = 0; i < old.Length; i++)
            {
                long at = own.Select((s, a) => i / s % before.Dims[a] * strides[a]).Sum();
                Assert.True(old[i].Equals(now[at]), $"'{before.Name}' entry {i}");
            }

            compared++;
        }

        Assert.True(compared > 2);
    }

    private static long[] Strides(long[] dims) => [.. dims.Select((_, i) => dims.Skip(i + 1).Aggregate(1L, (a, b) => a * b))];

    private static double[] Read(OnnxModel model, global::Onnx.TensorProto tensor)
    {
        var values = new double[Tensors.CountOf(tensor)];
        model.DataOf(tensor).ReadDoubles(0, values);
        return values;
    }
}
