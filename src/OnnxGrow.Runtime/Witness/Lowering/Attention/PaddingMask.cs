using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// The masks that ONNX Runtime's Attention and MultiHeadAttention take, as a bias: 0 where a key may be seen, the filter
/// value where not. Of rank 1 they are lengths (or, for Attention, ends and then starts), of rank 2 to 4 they are zeros
/// and ones.
/// </summary>
internal static class PaddingMask
{
    /// <summary>The bias, which broadcasts to [batch, heads, queries, keys].</summary>
    public static string Bias(Emitter to, string mask, string batch, string queries, string keys)
    {
        double filter = to.Float("mask_filter_value", -10000);
        string whole = to.Cast(mask, ElementType.Int64);
        string seen = to.RankOf(mask) switch
        {
            1 => FromLengths(to, whole, batch, keys),
            2 => Positive(to, to.Unsqueeze(to.Unsqueeze(whole, 1), 1)),
            3 => Positive(to, to.Unsqueeze(whole, 1)),
            4 => Positive(to, Window(to, whole, queries, keys)),
            int rank => throw to.Refuse(FormattableString.Invariant($"a mask of rank {rank} is not known")),
        };
        return to.Where(seen, to.Scalar(0), to.Scalar(filter));
    }

    private static string Positive(Emitter to, string mask) => to.Op("Greater", mask, to.IntScalar(0));

    // [B] holds the ends, [2 B] ends and then starts, [3 B + 2] lengths and then what only a packed kernel reads.
    private static string FromLengths(Emitter to, string mask, string batch, string keys)
    {
        string one = to.IntList(1);
        string column = to.Op("Concat", [("axis", 0)], batch, one, one, one);
        string twice = to.Add(batch, batch);
        string end = to.Op("Reshape", to.Cut(mask, 0, to.IntList(0), batch), column);
        string position = to.Range(keys);
        string before = to.Op("Less", position, end);

        // Zeros behind the mask stand for the starts where it has none.
        string zeros = to.Op("Mul", to.Range(batch), to.IntScalar(0));
        string start = to.Cut(to.Join(0, to.Cut(mask, 0, to.IntList(0), twice), zeros), 0, batch, twice);
        string paired = to.Cast(to.Op("Equal", to.Dim(mask, 0), twice), ElementType.Int64);
        string from = to.Op("Reshape", to.Mul(start, paired), column);
        return to.Op("And", before, to.AtMost(from, position));
    }

    // Megatron's [B, 1, M, M]: the rows of the last queries among all keys, the columns of these.
    private static string Window(Emitter to, string mask, string queries, string keys)
    {
        string rows = to.Cut(mask, 2, to.Sub(keys, queries), keys);
        return to.Cut(rows, 3, to.IntList(0), keys);
    }
}
