using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Attention of operator sets 23 to 25: heads side by side or as an axis, grouped queries, soft cap, masks of truths or
/// numbers, caches, valid lengths (24), windows (25), and the products at any of four stages.
/// </summary>
[Lowers("Attention")]
internal sealed class Attention : ILowering
{
    public bool Lower(Emitter to)
    {
        long heads = to.Int("q_num_heads", 0);
        bool flat = to.DimsOf(to.Input(0)) is { } dims ? dims.Length == 3 : heads > 0;
        long keyHeads = to.Int("kv_num_heads", 0);
        string q = flat ? DotProduct.Split(to, to.Input(0), heads) : to.Input(0);
        string k = DotProduct.After(to, to.Input(4), flat ? DotProduct.Split(to, to.Input(1), keyHeads) : to.Input(1));
        string v = DotProduct.After(to, to.Input(5), flat ? DotProduct.Split(to, to.Input(2), keyHeads) : to.Input(2));
        to.Give(1, "Identity", k);
        to.Give(2, "Identity", v);
        bool single = flat && heads == keyHeads;
        string scores = DotProduct.Scores(to, q, single ? k : DotProduct.RepeatHeads(to, k, q), to.Float("scale", float.NaN));
        string capped = DotProduct.Cap(to, scores, to.Float("softcap", 0));
        string bias = Bias(to, q, k);
        string masked = bias.Length == 0 ? capped : to.Add(capped, bias);
        string weights = to.Softmax(masked, 4);
        to.Give(3, "Identity", to.Int("qk_matmul_output_mode", 0) switch { 0 => scores, 1 => capped, 2 => masked, _ => weights });
        string mixed = to.Op("MatMul", weights, single ? v : DotProduct.RepeatHeads(to, v, q));
        if (flat)
        {
            DotProduct.Join(to, mixed, to.Output);
        }
        else
        {
            to.To(to.Output, "Identity", mixed);
        }

        return true;
    }

    private static string Bias(Emitter to, string q, string k)
    {
        string mask = to.Input(3).Length == 0 ? "" : FromMask(to, k);
        foreach (string allowed in Allowed(to, q, k))
        {
            mask = to.Where(allowed, mask.Length == 0 ? to.Scalar(0) : mask, to.Scalar(DotProduct.Masked));
        }

        return mask;
    }

    // A mask may end before the keys do; those behind it are not seen.
    private static string FromMask(Emitter to, string k)
    {
        string mask = to.Input(3);
        bool truths = to.TypeOf(mask) switch
        {
            ElementType.Bool => true,
            ElementType.Float64 or ElementType.Float32 => false,
            _ => throw to.Refuse($"whether the mask '{Text.Name(mask)}' holds truths or numbers is not in the file; run shape inference on the model first"),
        };
        string bias = truths ? to.Where(mask, to.Scalar(0), to.Scalar(DotProduct.Masked)) : mask;
        string missing = to.Sub(to.Dim(k, 2), to.Dim(mask, -1));
        string lead = to.Cut(to.ShapeOf(mask), 0, 0, -1);
        string rest = to.Op("Expand", to.Scalar(DotProduct.Masked), to.Join(0, lead, missing));
        return to.Join(-1, bias, rest);
    }

    private static IEnumerable<string> Allowed(Emitter to, string q, string k)
    {
        string queries = to.Dim(q, 2);
        string keys = to.Dim(k, 2);
        string lengths = to.Input(6);

        // Queries are the last of the keys: of those in the cache, of those that are valid, or of all.
        string offset = to.Input(4).Length > 0 ? to.Dim(to.Input(4), 2) : to.IntScalar(0);
        if (lengths.Length > 0)
        {
            string each = to.Reshape(lengths, -1, 1, 1, 1);
            yield return to.Op("Less", to.Range(keys), each);
            offset = to.Input(4).Length > 0 ? offset : to.Sub(each, queries);
        }

        if (to.Int("is_causal", 0) != 0)
        {
            yield return DotProduct.Causal(to, queries, keys, offset);
        }

        long left = to.Int("left_window_size", -1);
        if (left >= 0)
        {
            string i = to.Add(to.Unsqueeze(to.Range(queries), 1), offset);
            yield return to.AtMost(to.Sub(i, to.IntScalar(left)), to.Range(keys));
        }

        if (to.Int("right_window_size", -1) is >= 0 and long right)
        {
            yield return DotProduct.Causal(to, queries, keys, to.Add(offset, to.IntScalar(right)));
        }
    }
}
