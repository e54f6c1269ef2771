using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's PackedAttention and PackedMultiHeadAttention: the real tokens of all sequences one after the other. A
/// token sees those of its own sequence, so that attention is one product with a mask of blocks.
/// </summary>
[Lowers("PackedAttention", Domain = Domains.Microsoft)]
[Lowers("PackedMultiHeadAttention", Domain = Domains.Microsoft)]
internal sealed class PackedAttention : ILowering
{
    public bool Lower(Emitter to)
    {
        bool projected = to.Node.OpType == "PackedMultiHeadAttention";
        if (to.Input(projected ? 6 : 5).Length > 0)
        {
            throw to.Refuse("a bias on packed sequences is not lowered");
        }

        long heads = to.Int("num_heads", 0);
        string[] parts = projected ? Given(to, heads) : Projected(to);
        string[] split = [.. parts.Select(x => DotProduct.Split(to, to.Unsqueeze(x, 0), heads))];
        string scores = DotProduct.Scores(to, split[0], split[1], to.Float("scale", 0));

        // The number of sequences that end at or before a token is the number of its own.
        string ends = to.Cut(to.Cast(to.Input(projected ? 5 : 4), ElementType.Int64), 0, 1, long.MaxValue);
        string token = to.Unsqueeze(to.Range(to.Dim(scores, 2)), 1);
        string number = to.Reduce("ReduceSum", to.Cast(to.AtMost(ends, token), ElementType.Int64), 1);
        string same = to.Op("Equal", number, to.Transpose(number, 1, 0));
        string masked = to.Where(same, scores, to.Scalar(DotProduct.Masked));
        string mixed = to.Transpose(DotProduct.Mix(to, masked, split[2]), 0, 2, 1, 3);
        to.To(to.Output, "Reshape", mixed, to.Join(0, to.Dim(mixed, 1), to.IntList(-1)));
        return true;
    }

    private static string[] Projected(Emitter to)
    {
        string all = to.Add(to.Op("MatMul", to.Input(0), to.Input(1)), to.Input(2));
        if (to.Ints("qkv_hidden_sizes") is { Length: 3 } sizes)
        {
            return [.. Enumerable.Range(0, 3).Select(i => to.Cut(all, 1, sizes.Take(i).Sum(), sizes.Take(i + 1).Sum()))];
        }

        string thirds = to.Reshape(all, 0, 3, -1);
        return [.. Enumerable.Range(0, 3).Select(i => to.Gather(thirds, to.IntScalar(i), 1))];
    }

    private static string[] Given(Emitter to, long heads)
    {
        string bias = to.Input(3);
        if (to.Input(1).Length == 0)
        {
            // [T, N, 3, H], the bias [3, N, H].
            string packed = to.Input(0);
            packed = bias.Length == 0 ? packed : to.Add(packed, to.Transpose(to.Reshape(bias, 3, heads, -1), 1, 0, 2));
            return [.. Enumerable.Range(0, 3).Select(i => to.Reshape(to.Gather(packed, to.IntScalar(i), 2), 0, -1))];
        }

        string width = to.Dim(to.Input(0), 1);
        string twice = to.Add(width, width);
        string[] bounds = [to.IntList(0), width, twice, to.IntList(long.MaxValue)];
        return [.. Enumerable.Range(0, 3).Select(
            i => bias.Length == 0 ? to.Input(i) : to.Add(to.Input(i), to.Cut(bias, 0, bounds[i], bounds[i + 1])))];
    }
}
