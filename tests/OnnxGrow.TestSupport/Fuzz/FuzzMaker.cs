using Google.Protobuf;
using Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Makes inputs. The same target, seed and number give the same input on every machine.</summary>
public sealed class FuzzMaker
{
    /// <summary>Most changes of one input.</summary>
    public const int MaxChanges = 5;

    private static readonly string[] PlanDimensions = ["hidden", "heads", "ffn", "head_dim", "layer0.ffn", "vocabulary", "positions"];

    private readonly FuzzCorpus _corpus = new();

    /// <summary>Makes an input.</summary>
    /// <param name="target">What it is for.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="number">Number of the input in the run.</param>
    /// <param name="without">Changes that are left out, a bit each: a finding that stays without them is a smaller one.</param>
    public FuzzInput Make(FuzzTarget target, ulong seed, long number, int without = 0)
    {
        ulong state = new SplitMix64(seed ^ ((ulong)target << 60)).Next() + (ulong)number;
        var draw = new SplitMix64(new SplitMix64(state).Next());
        // Many changes at once hide one another; most inputs have one or two.
        int count = Math.Min(draw.Int(1, MaxChanges), draw.Int(1, MaxChanges));
        ulong first = draw.Next();
        SplitMix64[] changes =
        [
            .. Enumerable.Range(0, count).Where(i => (without & (1 << i)) == 0).Select(i => new SplitMix64(new SplitMix64(first + (ulong)i).Next())),
        ];
        byte[] bytes = target switch
        {
            FuzzTarget.Model => Model(draw, changes),
            FuzzTarget.Data => ExternalMutator.Make(_corpus.SmallModel(draw), draw, changes).ToZip(),
            FuzzTarget.Plan => PlanMutator.Make(draw, PlanDimensions, changes),
            _ => Skeleton(draw, changes),
        };
        return new FuzzInput(target, bytes);
    }

    private byte[] Model(SplitMix64 draw, SplitMix64[] changes)
    {
        ModelProto model = _corpus.Model(draw);
        int wire = draw.Int(0, 9) switch { < 5 => 0, < 8 => changes.Length, _ => changes.Length / 2 };
        GraphMutator.Mutate(model, changes[wire..]);
        return WireMutator.Mutate(model.ToByteArray(), ModelProto.Descriptor, changes[..wire]);
    }

    private byte[] Skeleton(SplitMix64 draw, SplitMix64[] changes)
    {
        (ModelProto grown, string[] dimensions) = _corpus.Grown(draw);
        return SkeletonMutator.Make(grown, dimensions, draw, changes);
    }
}
