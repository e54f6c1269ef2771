namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Scores under the masks of ONNX Runtime's Attention and MultiHeadAttention: bias, padding, and looking back only.</summary>
internal static class FusedMask
{
    /// <summary>The scores [batch, heads, queries, keys], masked.</summary>
    public static string Apply(Emitter to, string scores, string mask, string bias, string past)
    {
        string queries = to.Dim(scores, 2);
        string keys = to.Dim(scores, 3);
        string result = bias.Length == 0 ? scores : to.Add(scores, bias);
        if (mask.Length > 0)
        {
            result = to.Add(result, PaddingMask.Bias(to, mask, to.Dim(scores, 0), queries, keys));
        }

        if (to.Int("unidirectional", 0) == 0)
        {
            return result;
        }

        // A single query sees all keys.
        string alone = to.Op("Equal", queries, to.IntList(1));
        string allowed = to.Op("Or", DotProduct.Causal(to, queries, keys, past), alone);

        // Set, not added: a query that sees only padding weighs it and the keys behind it alike.
        return to.Where(allowed, result, to.Scalar(DotProduct.Masked));
    }
}
