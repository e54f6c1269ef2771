using System.Text;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Shrinking;

/// <summary>Metadata that is missing, damaged or made up: one line that says so, and neither a crash nor much memory.</summary>
public sealed class DamagedSkeletonTests
{
    private static readonly ModelProto Grown = Make();

    private static ModelProto Make()
    {
        using OnnxModel source = OnnxModel.FromProto(RandomTransformer.Build(new TransformerShape { Layers = 2, Bias = true }, 5));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 12, Layers = 3 }));
        PlanMetadata.SetSourceGraph(grown);
        return ModelProto.Parser.ParseFrom(grown.Model.ToBytes());
    }

    private static string Value(string key) => Grown.MetadataProps.Single(p => p.Key == key).Value;

    private static byte[] Skeleton() => SkeletonText.Decode(Value(PlanMetadata.SourceGraphKey), "test");

    private static ModelProto With(string key, string? value)
    {
        ModelProto model = Grown.Clone();
        StringStringEntryProto entry = model.MetadataProps.Single(p => p.Key == key);
        if (value is null)
        {
            model.MetadataProps.Remove(entry);
        }
        else
        {
            entry.Value = value;
        }

        return model;
    }

    private static ModelProto WithSkeleton(Action<ModelProto> change)
    {
        var skeleton = ModelProto.Parser.ParseFrom(Skeleton());
        change(skeleton);
        return With(PlanMetadata.SourceGraphKey, SkeletonText.Encode(Google.Protobuf.MessageExtensions.ToByteArray(skeleton)));
    }

    private static void Refused(ModelProto model, string part)
    {
        using OnnxModel open = OnnxModel.FromProto(model);
        BadInputException e = Assert.Throws<BadInputException>(() => Shrinker.Shrink(open).Dispose());
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Refused(With(PlanMetadata.PlanKey, null), "was not grown by OnnxGrow");
        Refused(With(PlanMetadata.SourceGraphKey, null), PlanMetadata.SourceGraphKey);
        Refused(With(PlanMetadata.PlanKey, "{\"version\": 1"), "line 2");
    }

    [Fact]
    public void A_lossy_method_leaves_nothing_to_shrink_to()
    {
        using OnnxModel open = OnnxModel.FromProto(With(PlanMetadata.PlanKey, "{\"version\": 1, \"method\": \"random\"}"));
        Assert.Contains("'random'", Assert.Throws<CannotGrowException>(() => Shrinker.Shrink(open)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_skeleton_is_refused()
    {
        string text = Value(PlanMetadata.SourceGraphKey);
        Refused(With(PlanMetadata.SourceGraphKey, "*" + text), "not base64");
        Refused(With(PlanMetadata.SourceGraphKey, ""), "cut short");
        Refused(With(PlanMetadata.SourceGraphKey, text[..(text.Length / 8 * 4)]), "cut short");
        Refused(With(PlanMetadata.SourceGraphKey, Convert.ToBase64String([.. Convert.FromBase64String(text), 0])), "after its end");
        Refused(With(PlanMetadata.SourceGraphKey, Convert.ToBase64String([0xFF, 0xFF, 0xFF, 1, 2, 3])), "cannot be unpacked");
        Refused(With(PlanMetadata.SourceGraphKey, SkeletonText.Encode(Encoding.ASCII.GetBytes("no model at all"))), PlanMetadata.SourceGraphKey);
    }

    [Fact]
    public void A_small_text_that_unpacks_to_gigabytes_is_stopped()
    {
        string bomb = SkeletonText.Encode(new byte[64 << 20]);
        Assert.True(bomb.Length < 4096);
        Assert.Contains("unpacks to more than", Assert.Throws<BadInputException>(() => SkeletonText.Decode(bomb, "test", 1 << 20)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Notes_that_do_not_fit_are_refused()
    {
        Refused(WithSkeleton(s => s.MetadataProps.Clear()), "nothing of its tensors");
        Refused(WithSkeleton(s => s.MetadataProps[^1].Value = "k- k-"), "notes that fit 2");
        Refused(WithSkeleton(s => s.MetadataProps[^1].Value = s.MetadataProps[^1].Value.Replace("gr", "zr", StringComparison.Ordinal)), "notes that fit");
        Refused(WithSkeleton(s => s.Graph.Initializer.RemoveAt(0)), "notes that fit");
        Refused(WithSkeleton(s => Emptied(s).DataType = (int)ElementType.Int64), "does not go with its note");
        Refused(WithSkeleton(s => Emptied(s).RawData = Google.Protobuf.ByteString.CopyFrom(1, 2, 3, 4)), "do not go with its note");
        Refused(WithSkeleton(s => Emptied(s).DataLocation = TensorProto.Types.DataLocation.External), "refers to a file");
    }

    [Fact]
    public void Shapes_and_plans_larger_than_the_model_are_refused_before_anything_is_made_for_them()
    {
        Refused(WithSkeleton(s => Emptied(s).Dims[0] = 1L << 40), "larger than anything");
        Refused(With(PlanMetadata.PlanKey, "{\"version\": 1, \"dimensions\": {\"hidden\": 2000000000}}"), "larger model");
        string layers = string.Join(", ", Enumerable.Repeat("{\"after\": 0}", 1000));
        Refused(With(PlanMetadata.PlanKey, $"{{\"version\": 1, \"layers\": [{layers}]}}"), "larger model");
    }

    [Fact]
    public void A_plan_that_does_not_fit_the_graph_is_refused()
    {
        Refused(With(PlanMetadata.PlanKey, "{\"version\": 1, \"dimensions\": {\"hidden\": 8, \"no_such\": 9}}"), "does not fit the source graph");
        Refused(With(PlanMetadata.PlanKey, "{\"version\": 1, \"dimensions\": {\"hidden\": 16}}"), "where the growth by its plan gives");
    }

    [Fact]
    public void A_model_that_lost_tensors_or_was_converted_is_refused()
    {
        ModelProto lost = Grown.Clone();
        lost.Graph.Initializer.Remove(lost.Graph.Initializer.First(t => t.Dims.Count == 2));
        Refused(lost, "lacks the tensor");
        ModelProto converted = Grown.Clone();
        TensorProto tensor = converted.Graph.Initializer.First(t => t.Dims.Count == 2);
        tensor.DataType = (int)ElementType.Float16;
        tensor.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[tensor.RawData.Length / 2]);
        Refused(converted, "before it is converted");
    }

    [Fact]
    public void Any_byte_may_be_wrong()
    {
        byte[] skeleton = Skeleton();
        var random = new SplitMix64(3);
        int refused = 0;
        for (int i = 0; i < 1500; i++)
        {
            byte[] damaged = [.. skeleton];
            for (int n = random.Int(1, 3); n > 0; n--)
            {
                damaged[random.Int(0, damaged.Length - 1)] = (byte)random.Next();
            }

            using OnnxModel model = OnnxModel.FromProto(With(PlanMetadata.SourceGraphKey, SkeletonText.Encode(damaged)));
            try
            {
                using ShrunkModel shrunk = Shrinker.Shrink(model);
                shrunk.Check(shrunk.Model);
            }
            catch (BadInputException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }

        Assert.True(refused > 300, $"{refused} refused");
    }

    private static TensorProto Emptied(ModelProto skeleton) =>
        skeleton.Graph.Initializer.First(t => t.DataType == (int)ElementType.Float32 && t.RawData.IsEmpty && t.Dims.Count == 2);
}
