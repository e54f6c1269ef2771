using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's GroupQueryAttention: a length of its own for each sequence of the batch, keys and values in a buffer
/// behind the past, rotary embedding at these positions, windows, soft cap, and a sink that weights may flow into.
/// </summary>
[Lowers("GroupQueryAttention", Domain = Domains.Microsoft)]
internal sealed class GroupQueryAttention : ILowering
{
    public bool Lower(Emitter to)
    {
        Check(to);
        string[] parts = Parts(to);
        string length = to.Dim(parts[0], 2);

        // [B, 1, 1, 1]: tokens in all, and before these; a first prompt has none before, whatever its padding is.
        string total = to.Add(to.Reshape(to.Cast(to.Input(5), ElementType.Int64), -1, 1, 1, 1), to.IntScalar(1));
        string most = to.Reshape(to.Cast(to.Input(6), ElementType.Int64), 1);
        string later = to.Cast(to.Op("Not", to.Op("Equal", most, length)), ElementType.Int64);
        string past = to.Mul(to.Sub(total, length), later);
        Normalize(to, parts);
        Rotate(to, parts, length, past, later);
        string k = Cached(to, to.Input(3), parts[1], past, most);
        string v = Cached(to, to.Input(4), parts[2], past, most);
        to.Give(1, "Identity", k);
        to.Give(2, "Identity", v);

        string scores = DotProduct.Scores(to, parts[0], DotProduct.RepeatHeads(to, k, parts[0]), to.Float("scale", 0));
        string keys = to.Range(to.Dim(k, 2));
        string allowed = Allowed(to, keys, length, total, past);
        string capped = DotProduct.Cap(to, scores, to.Float("softcap", 0));
        if (to.Input(10).Length > 0)
        {
            // The bias may be shorter than the buffer; keys behind it are not seen.
            string missing = to.Sub(to.Dim(k, 2), to.Dim(to.Input(10), 3));
            string rest = to.Op("Expand", to.Scalar(0), to.Join(0, to.IntList(1, 1, 1), missing));
            string lead = to.Join(0, to.Cut(to.ShapeOf(to.Input(10)), 0, 0, 3), missing);
            capped = to.Add(capped, to.Join(3, to.Input(10), to.Op("Expand", rest, lead)));
        }

        string weights = Softmax(to, to.Where(allowed, capped, to.Scalar(DotProduct.Masked)));
        DotProduct.Join(to, to.Op("MatMul", weights, DotProduct.RepeatHeads(to, v, parts[0])), to.Output);
        return true;
    }

    private static void Check(Emitter to)
    {
        if (to.String("k_quant_type", "NONE") != "NONE" || to.String("v_quant_type", "NONE") != "NONE" || to.Input(12).Length > 0)
        {
            throw to.Refuse("its cache is quantised");
        }

        if (to.Int("sliding_window_cache", 0) != 0)
        {
            throw to.Refuse("a cache that holds a window only is not lowered");
        }

        if (to.OutputAt(3).Length > 0)
        {
            throw to.Refuse("its product of queries and keys holds what the kernel left there");
        }
    }

    private static string[] Parts(Emitter to)
    {
        long heads = to.Int("num_heads", 0);
        long keyHeads = to.Int("kv_num_heads", 0);
        if (to.Input(1).Length > 0)
        {
            return [DotProduct.Split(to, to.Input(0), heads), DotProduct.Split(to, to.Input(1), keyHeads), DotProduct.Split(to, to.Input(2), keyHeads)];
        }

        string all = DotProduct.Split(to, to.Input(0), heads + (2 * keyHeads));
        return [to.Cut(all, 1, 0, heads), to.Cut(all, 1, heads, heads + keyHeads), to.Cut(all, 1, heads + keyHeads, long.MaxValue)];
    }

    private static void Normalize(Emitter to, string[] parts)
    {
        for (int i = 0; i < 2 && to.Input(14).Length > 0; i++)
        {
            string mean = to.Reduce("ReduceMean", to.Mul(parts[i], parts[i]), 3);
            string root = to.Op("Sqrt", to.Add(mean, to.Float("qk_norm_epsilon", 1e-6f)));
            parts[i] = to.Mul(to.Div(parts[i], root), to.Input(14 + i));
        }
    }

    private static void Rotate(Emitter to, string[] parts, string length, string past, string later)
    {
        if (to.Int("do_rotary", 0) == 0)
        {
            return;
        }

        // Positions follow the past, or are given; of a first prompt only the first is read, for all sequences.
        string ids = to.Add(to.Reshape(past, -1, 1), to.Range(length));
        if (to.Input(9).Length > 0)
        {
            string first = to.Cut(to.Reshape(to.Input(9), -1), 0, 0, 1);
            ids = to.Where(to.Cast(later, ElementType.Bool), to.Input(9), to.Add(ids, first));
        }

        string cos = Rotation.Rows(to, to.Input(7), ids);
        string sin = Rotation.Rows(to, to.Input(8), ids);
        bool interleaved = to.Int("rotary_interleaved", 0) != 0;
        parts[0] = Rotation.Rotate(to, parts[0], cos, sin, interleaved);
        parts[1] = Rotation.Rotate(to, parts[1], cos, sin, interleaved);
    }

    // Rows of the past up to its length, then the new ones, zeros behind; as long as the past's buffer or all tokens are.
    private static string Cached(Emitter to, string buffer, string x, string past, string most)
    {
        string source = DotProduct.After(to, buffer, x);
        string before = buffer.Length == 0 ? to.IntList(0) : to.Dim(buffer, 2);
        string count = to.Larger(before, most);
        string at = to.Unsqueeze(to.Range(count), 1);
        string behind = to.Sub(at, past);
        string isPast = to.Op("Less", at, past);
        string isNew = to.Op("And", to.Op("Not", isPast), to.Op("Less", behind, to.Dim(x, 2)));
        string row = to.Where(isPast, at, to.Where(isNew, to.Add(behind, before), to.IntScalar(0)));
        string shape = to.Join(0, to.Dim(x, 0), to.Dim(x, 1), count, to.Dim(x, 3));
        string picked = to.Op("GatherElements", [("axis", 2)], source, to.Op("Expand", row, shape));
        return to.Where(to.Op("Or", isPast, isNew), picked, to.Scalar(0));
    }

    private static string Allowed(Emitter to, string keys, string length, string total, string past)
    {
        string real = to.Op("Less", keys, total);
        if (to.Int("causal", 1) == 0)
        {
            return real;
        }

        string own = to.Add(to.Unsqueeze(to.Range(length), 1), past);
        string allowed = to.Op("And", real, to.AtMost(keys, own));
        return to.Int("local_window_size", -1) is > 0 and long window
            ? to.Op("And", allowed, to.Op("Greater", keys, to.Sub(own, to.IntScalar(window))))
            : allowed;
    }

    // A sink is one more score without a value: given a head, or 0 for smooth softmax.
    private static string Softmax(Emitter to, string scores)
    {
        string sink = to.Input(11).Length > 0 ? to.Reshape(to.Input(11), 1, -1, 1, 1)
            : to.Int("smooth_softmax", 0) != 0 ? to.Scalar(0)
            : "";
        if (sink.Length == 0)
        {
            return to.Softmax(scores, 4);
        }

        string column = to.Op("Expand", sink, to.Join(0, to.Cut(to.ShapeOf(scores), 0, 0, 3), to.IntList(1)));
        return to.Cut(to.Softmax(to.Join(3, scores, column), 4), 3, 0, -1);
    }
}
