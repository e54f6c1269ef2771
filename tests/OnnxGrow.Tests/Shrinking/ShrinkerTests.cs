using Google.Protobuf;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Shrinking;

/// <summary>Whole models, grown and shrunk.</summary>
public sealed class ShrinkerTests
{
    public static TheoryData<string> Files() => [.. Repository.Models.Select(m => Path.GetFileName(m))];

    /// <summary>A grown model as it would be read from its file.</summary>
    private static ModelProto Grown(OnnxModel source, GrowthRequest request)
    {
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request));
        PlanMetadata.SetSourceGraph(grown);
        return ModelProto.Parser.ParseFrom(grown.Model.ToBytes());
    }

    private static byte[] Shrunk(ModelProto grown)
    {
        using ShrunkModel shrunk = Shrinker.Shrink(OnnxModel.FromProto(grown));
        Assert.Empty(shrunk.Check(shrunk.Model));
        return shrunk.Model.ToBytes();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_model_comes_back_byte_for_byte_from_every_growth(string file)
    {
        byte[] before = File.ReadAllBytes(Repository.Model(file));
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        foreach ((string name, GrowthRequest request) in GrowthCases.All.Concat(More))
        {
            if (!Possible(map, request))
            {
                continue;
            }

            ModelProto grown = Grown(source, request);
            Assert.True(before.AsSpan().SequenceEqual(Shrunk(grown)), name);

            // No matrix hides in the skeleton: all come from the grown model.
            SourceSkeleton skeleton = SourceSkeleton.Read(SkeletonText.Decode(Entry(grown).Value, "test"), "test");
            Assert.DoesNotContain(skeleton.Tensors.Zip(skeleton.Notes), t =>
                t.Second.Origin == Origin.Kept && ElementTypes.IsGrowable((ElementType)t.First.DataType) && t.First.Dims.Count(d => d > 1) > 1);
        }
    }

    [Fact]
    public void The_growths_of_the_oldest_models_are_all_possible()
    {
        foreach (string file in new[] { "bert-mini-op17.onnx", "gpt2-mini-op12.onnx", "vit-mini-qkv-op17.onnx" })
        {
            using OnnxModel source = OnnxModel.Open(Repository.Model(file));
            ModelMap map = ModelMap.Of(source);
            Assert.InRange(GrowthCases.All.Concat(More).Count(c => Possible(map, c.Request)), GrowthCases.All.Count, 20);
        }
    }

    private static (string Name, GrowthRequest Request)[] More =>
    [
        ("thirds", new GrowthRequest { Hidden = 144, Method = "net2net", Layers = 4 }),
        ("size of heads", new GrowthRequest { HeadDim = 24 }),
        ("keys and values", new GrowthRequest { KvHeads = 4 }),
        ("tables", new GrowthRequest { Vocabulary = 1200, Positions = 80 }),
        ("experts", new GrowthRequest { Experts = 8 }),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_model_comes_back_from_the_growth_of_each_kind_of_dimension(string file)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        foreach (Dimension dimension in map.Dimensions.Where(d => d.CanGrow).GroupBy(d => d.Role).SelectMany(g => new[] { g.First(), g.Last() }.Distinct()))
        {
            foreach (long size in new[] { dimension.Extent * 2, dimension.Extent + 1 })
            {
                var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(dimension.Name, size), Seed = 3 };
                try
                {
                    using GrownModel grown = Grower.Grow(map, plan);
                    string? difference = ShrinkCheck.Difference(source, grown);
                    Assert.True(difference is null, $"{dimension.Name} to {size}: {difference}");
                }
                catch (CannotGrowException)
                {
                    // Dimensions that only grow together with others, or by whole copies.
                }
            }
        }
    }

    private static bool Possible(ModelMap map, GrowthRequest request)
    {
        try
        {
            Grower.Grow(map, Planner.Plan(map, request)).Dispose();
            return true;
        }
        catch (CannotGrowException)
        {
            return false;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_models_come_back_from_random_plans(int batch)
    {
        int done = 0;
        for (int i = 0; i < 20; i++)
        {
            ulong seed = (ulong)((batch * 20) + i);
            var random = new SplitMix64(seed + 5000);
            TransformerShape shape = TransformerShape.Draw(random);
            using OnnxModel source = OnnxModel.FromProto(RandomTransformer.Build(shape, seed));
            ModelMap map = ModelMap.Of(source);
            for (int p = 0; p < 3; p++)
            {
                var request = new GrowthRequest
                {
                    Hidden = random.Coin() ? shape.Hidden / shape.Heads * random.Int(shape.Heads, shape.Heads * 3) : null,
                    Heads = shape.Heads > 1 && random.Int(0, 2) == 0 ? shape.Heads + random.Int(0, 4) : null,
                    Ffn = random.Coin() ? shape.Ffn * 2 + random.Int(0, shape.Ffn * 2) : null,
                    Layers = random.Coin() ? shape.Layers + random.Int(0, 3) : null,
                    Block = random.Pick(BlockStyle.Zero, BlockStyle.Cancel),
                    Method = random.Pick("lemon", "net2net"),
                    Seed = random.Next(),
                };
                try
                {
                    using GrownModel grown = Grower.Grow(map, Planner.Plan(map, request));
                    string? difference = ShrinkCheck.Difference(source, grown);
                    Assert.True(difference is null, $"seed {seed}, {shape}, {request}: {difference}");
                    done++;
                }
                catch (CannotGrowException)
                {
                    // A width that the norms do not allow.
                }
            }
        }

        Assert.True(done > 30, $"only {done} growths were possible");
    }

    [Fact]
    public void What_was_grown_twice_shrinks_twice()
    {
        string path = Repository.Model("gpt2-mini-op17.onnx");
        using OnnxModel source = OnnxModel.Open(path);
        ModelProto once = Grown(source, new GrowthRequest { Hidden = 64 });
        ModelProto twice = Grown(OnnxModel.FromProto(once), new GrowthRequest { Layers = 5, Ffn = 400 });
        Assert.NotEqual(Entry(once).Value, Entry(twice).Value);
        byte[] back = Shrunk(twice);
        Assert.Equal(once.ToByteArray(), back);
        Assert.Equal(File.ReadAllBytes(path), Shrunk(ModelProto.Parser.ParseFrom(back)));
    }

    [Fact]
    public void Rounded_tensors_that_are_too_large_for_a_patch_come_back_within_rounding()
    {
        // Thirds of every entry of a matrix of more than a megabyte.
        using OnnxModel source = OnnxModel.FromProto(RandomTransformer.Build(new TransformerShape { Layers = 1, Ffn = 36_000 }, 5));
        ModelProto grown = Grown(source, new GrowthRequest { Ffn = 108_000, Method = "net2net" });
        using OnnxModel model = OnnxModel.FromProto(grown);
        using ShrunkModel shrunk = Shrinker.Shrink(model);
        Assert.Equal(1, shrunk.Rounded);
        Assert.Empty(shrunk.Check(shrunk.Model));
        using GrownModel again = Grower.Grow(ModelMap.Of(shrunk.Model), shrunk.Plan);
        var certificate = ModelCertificate.Check(again, model);
        Assert.True(certificate.Passed, certificate.Text);
        int different = 0;
        foreach ((TensorProto before, TensorProto after) in source.Proto.Graph.Initializer.Zip(shrunk.Model.Proto.Graph.Initializer).Where(t => t.First.DataType == (int)ElementType.Float32))
        {
            double[] wanted = Recipes.HeldData.Doubles(source.DataOf(before));
            double[] found = Recipes.HeldData.Doubles(shrunk.Model.DataOf(after));
            for (int i = 0; i < wanted.Length; i++)
            {
                Assert.True(Math.Abs(wanted[i] - found[i]) <= MathF.BitIncrement((float)Math.Abs(wanted[i])) - Math.Abs(wanted[i]));
                different += wanted[i] == found[i] ? 0 : 1;
            }
        }

        Assert.InRange(different, 1, 100_000);
    }

    [Fact]
    public void Tensors_keep_the_form_that_the_source_has_them_in()
    {
        ModelProto proto = RandomTransformer.Build(new TransformerShape { Layers = 2 }, 5);
        foreach (TensorProto tensor in proto.Graph.Initializer.Where(t => t.DataType == (int)ElementType.Float32))
        {
            float[] values = new float[tensor.RawData.Length / 4];
            Buffer.BlockCopy(tensor.RawData.ToByteArray(), 0, values, 0, tensor.RawData.Length);
            tensor.ClearRawData();
            tensor.FloatData.AddRange(values);
        }

        using OnnxModel source = OnnxModel.FromProto(proto.Clone());
        Assert.Equal(proto.ToByteArray(), Shrunk(Grown(source, new GrowthRequest { Hidden = 16, Layers = 3 })));
    }

    [Fact]
    public void The_metadata_is_the_same_every_time_and_small()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("bert-mini-op17.onnx"));
        var request = new GrowthRequest { Hidden = 96, Layers = 4 };
        ModelProto grown = Grown(source, request);
        Assert.Equal(grown.ToByteArray(), Grown(source, request).ToByteArray());
        Assert.InRange(Entry(grown).Value.Length, 1000, grown.CalculateSize() / 100);
    }

    [Fact]
    public void A_changed_weight_is_noticed_wherever_it_is()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("bert-mini-op17.onnx"));
        ModelProto grown = Grown(source, new GrowthRequest { Hidden = 96, Layers = 4, Block = BlockStyle.Cancel });
        int noticed = 0;
        for (int i = 0; i < grown.Graph.Initializer.Count; i++)
        {
            TensorProto tensor = grown.Graph.Initializer[i];
            if (tensor.DataType != (int)ElementType.Float32 || tensor.RawData.Length < 4 || i % 3 != 0)
            {
                continue;
            }

            ModelProto trained = grown.Clone();
            byte[] bytes = tensor.RawData.ToByteArray();
            bytes[2] ^= 0x40;
            trained.Graph.Initializer[i].RawData = ByteString.CopyFrom(bytes);
            using OnnxModel model = OnnxModel.FromProto(trained);
            using ShrunkModel shrunk = Shrinker.Shrink(model);
            using GrownModel again = Grower.Grow(ModelMap.Of(shrunk.Model), shrunk.Plan);
            Assert.True(shrunk.Check(shrunk.Model).Length > 0 || !ModelCertificate.Check(again, model).Passed, tensor.Name);
            noticed++;
        }

        Assert.True(noticed > 20);
    }

    [Fact]
    public void A_change_that_is_consistent_is_noticed_too()
    {
        // Both copies of a bias's entry: still a growth, but of another source.
        using OnnxModel source = OnnxModel.Open(Repository.Model("vit-mini-op17.onnx"));
        ModelProto grown = Grown(source, new GrowthRequest { Hidden = 96 });
        TensorProto tensor = grown.Graph.Initializer.Single(t => t.Name == "vit.encoder.layer.1.output.dense.bias");
        byte[] bytes = tensor.RawData.ToByteArray();
        bytes[12] ^= 1;
        bytes[(48 * 4) + 12] ^= 1;
        tensor.RawData = ByteString.CopyFrom(bytes);
        using OnnxModel model = OnnxModel.FromProto(grown);
        using ShrunkModel shrunk = Shrinker.Shrink(model);
        Assert.Equal(tensor.Name, Assert.Single(shrunk.Check(shrunk.Model)));
        using GrownModel again = Grower.Grow(ModelMap.Of(shrunk.Model), shrunk.Plan);
        Assert.True(ModelCertificate.Check(again, model).Passed);
    }

    private static StringStringEntryProto Entry(ModelProto grown) => grown.MetadataProps.Single(p => p.Key == PlanMetadata.SourceGraphKey);
}
