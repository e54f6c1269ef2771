using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Keys and values of earlier tokens: the grown cache is P times the source's, and decoding goes on with it.</summary>
public class CacheTests
{
    private const int Batch = 2;

    public static TheoryData<string, long, long, int> Growths() => new()
    {
        { "gpt2-past-mini-op17.onnx", 5, 16, 2 },
        { "gpt2-past-mini-op17.onnx", 4, 20, 3 },
        { "llama-past-mini-op17.onnx", 9, 12, 3 },
        { "llama-past-mini-op11.onnx", 8, 8, 4 },
    };

    [Theory]
    [MemberData(nameof(Growths))]
    public void Decoding_in_two_steps_gives_what_the_source_gives(string file, long heads, long headSize, int layers)
    {
        bool shared = file.StartsWith("llama", StringComparison.Ordinal);
        var request = new GrowthRequest { Heads = heads, KvHeads = shared && heads % 3 == 0 ? heads / 3 : null, HeadDim = headSize, Layers = layers };
        Proof.Grow(file, request, (map, grown) =>
        {
            using OnnxModel written = Proof.Written(grown);
            Decode(map, grown, written);
            Names(written, layers);
        });
    }

    private static void Decode(ModelMap map, GrownModel grown, OnnxModel written)
    {
        var between = new GrownInterface(grown.Interface, 5);
        using var source = new OrtSession(map.Model, Support.Plain);
        using var after = new OrtSession(written, Support.Plain);
        IReadOnlyDictionary<string, RuntimeTensor> first = Step(map.Model, null, 3, 2);
        IReadOnlyDictionary<string, RuntimeTensor> expected = source.Run(first);
        IReadOnlyDictionary<string, RuntimeTensor> actual = after.Run(between.Inputs(first));
        Same(between.Expected(expected), between.Outputs(actual));

        // The second step takes what the first handed on, without any mapping in between.
        IReadOnlyDictionary<string, RuntimeTensor> next = source.Run(Step(map.Model, expected, 2, 5));
        IReadOnlyDictionary<string, RuntimeTensor> grownNext = after.Run(Step(written, actual, 2, 5));
        Same(between.Expected(next), between.Outputs(grownNext));
        Assert.Equal(written.Proto.Graph.Output.Count, grownNext.Count);
    }

    /// <summary>Inputs by their names: ids, positions, a mask of ones, and the cache that is given or a random one.</summary>
    private static Dictionary<string, RuntimeTensor> Step(OnnxModel model, IReadOnlyDictionary<string, RuntimeTensor>? cache, int length, int past)
    {
        var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        foreach (global::Onnx.ValueInfoProto input in model.Proto.Graph.Input)
        {
            inputs[input.Name] = input.Name switch
            {
                "input_ids" => Integers(length, i => (i * 7) + past),
                "position_ids" => Integers(length, i => (i % length) + past),
                "attention_mask" => Integers(length + past, _ => 1),
                _ => cache?[input.Name.Replace("past_key_values", "present", StringComparison.Ordinal)]
                    ?? Support.Normal(inputs.Count, [.. input.Type.TensorType.Shape.Dim.Select((d, a) => a == 0 ? Batch : a == 2 ? past : d.DimValue)]),
            };
        }

        return inputs;
    }

    private static RuntimeTensor Integers(int length, Func<long, long> value) =>
        RuntimeTensor.FromIntegers(ElementType.Int64, [Batch, length], [.. Enumerable.Range(0, Batch * length).Select(i => value(i))]);

    private static void Same(IReadOnlyDictionary<string, RuntimeTensor> expected, IReadOnlyDictionary<string, RuntimeTensor> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, RuntimeTensor tensor) in expected)
        {
            Assert.Equal(tensor.Dims.AsEnumerable(), actual[name].Dims.AsEnumerable());
            Support.Near(tensor.ToDoubles(), actual[name].ToDoubles(), 2e-5);
        }
    }

    /// <summary>The layers' numbers run through in the names of the states.</summary>
    private static void Names(OnnxModel model, int layers)
    {
        string[] wanted = [.. Enumerable.Range(0, layers).SelectMany(i => new[] { $"{i}.key", $"{i}.value" })];
        Assert.Equal(wanted, model.Proto.Graph.Input.Where(i => i.Name.StartsWith("past", StringComparison.Ordinal)).Select(i => i.Name["past_key_values.".Length..]).Order(StringComparer.Ordinal));
        Assert.Equal(wanted, model.Proto.Graph.Output.Where(i => i.Name.StartsWith("present", StringComparison.Ordinal)).Select(i => i.Name["present.".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Keys_and_values_in_one_tensor_grow_too() =>
        Proof.Grow("gpt2-past-mini-op10.onnx", new GrowthRequest { Heads = 4, Layers = 3 }, (_, grown) =>
        {
            Assert.Equal(["past_0", "past_1", "past_2"], grown.Model.Proto.Graph.Input.Select(i => i.Name).Where(n => n.StartsWith("past", StringComparison.Ordinal)));
            Assert.All(grown.Interface, c => Assert.Contains(c.Axes, a => a?.Map.Length == 4));
        });

    [Fact]
    public void A_layer_in_between_moves_the_numbers_of_those_behind_it() =>
        Proof.Grow("gpt2-past-mini-op17.onnx", new GrowthRequest { At = [0], Heads = 4 }, (_, grown) =>
        {
            Assert.Contains(grown.Interface, c => c is { SourceName: "past_key_values.1.key", GrownName: "past_key_values.2.key", IsNew: false });
            Assert.Contains(grown.Interface, c => c is { SourceName: "past_key_values.0.key", GrownName: "past_key_values.1.key", IsNew: true });
        });
}
