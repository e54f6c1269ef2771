namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>What the attention operators have in common, on tensors [batch, heads, length, head size].</summary>
internal static class DotProduct
{
    /// <summary>
    /// What ONNX Runtime writes over a masked score: the lowest float32. Not -infinity, so that a row which is masked
    /// altogether becomes the mean of the values, as in the runtime, and not NaN. In float64 too it absorbs any score.
    /// </summary>
    public const double Masked = float.MinValue;

    /// <summary>[B, S, N*H] as [B, N, S, H].</summary>
    public static string Split(Emitter to, string x, long heads) =>
        to.Transpose(to.Reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);

    /// <summary>[B, N, S, H] as [B, S, N*H].</summary>
    public static void Join(Emitter to, string x, string output) =>
        to.To(output, "Reshape", to.Transpose(x, 0, 2, 1, 3), to.IntList(0, 0, -1));

    /// <summary>q k^T times the scale; 1 / sqrt(head size) where that is 0 or not a number.</summary>
    public static string Scores(Emitter to, string q, string k, double scale)
    {
        string product = to.Op("MatMul", q, to.Transpose(k, 0, 1, 3, 2));
        if (scale != 0 && !double.IsNaN(scale))
        {
            return to.Mul(product, scale);
        }

        return to.Div(product, to.Op("Sqrt", to.Cast(to.Dim(q, 3), to.FloatType)));
    }

    /// <summary>cap * tanh(x / cap); x itself where the cap is 0.</summary>
    public static string Cap(Emitter to, string x, double cap) =>
        cap > 0 ? to.Mul(to.Op("Tanh", to.Mul(x, 1 / cap)), cap) : x;

    /// <summary>Each head as often in turn as <paramref name="like"/> has more heads.</summary>
    public static string RepeatHeads(Emitter to, string x, string like)
    {
        string times = to.Op("Div", to.Dim(like, 1), to.Dim(x, 1));
        return to.Gather(x, to.Op("Div", to.Range(to.Dim(like, 1)), times), 1);
    }

    /// <summary>Whether query i may see key j: j &lt;= i + offset. [S, T], or with the offset's leading axes.</summary>
    public static string Causal(Emitter to, string queries, string keys, string offset)
    {
        string i = to.Unsqueeze(to.Range(queries), 1);
        return to.AtMost(to.Range(keys), to.Add(i, offset));
    }

    /// <summary>Softmax of the scores times the values.</summary>
    public static string Mix(Emitter to, string scores, string v) => to.Op("MatMul", to.Softmax(scores, 4), v);

    /// <summary>The past and what is new along the length; what is new where there is no past.</summary>
    public static string After(Emitter to, string past, string x) => past.Length == 0 ? x : to.Join(2, past, x);
}
