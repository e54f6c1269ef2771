namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's MultiHeadAttention: query, key and value side by side or packed in one another, keys and values of
/// another sequence with heads as an axis, one bias for the three projections, cache, padding mask and attention bias.
/// </summary>
[Lowers("MultiHeadAttention", Domain = Domains.Microsoft)]
internal sealed class MultiHeadAttention : ILowering
{
    public bool Lower(Emitter to)
    {
        if (to.Input(8).Length > 0 || to.Input(9).Length > 0)
        {
            throw to.Refuse("shared buffers and beams are not lowered");
        }

        string[] parts = Parts(to);
        string k = DotProduct.After(to, to.Input(6), parts[1]);
        string v = DotProduct.After(to, to.Input(7), parts[2]);
        to.Give(1, "Identity", k);
        to.Give(2, "Identity", v);
        string scores = DotProduct.Scores(to, parts[0], k, to.Float("scale", 0));
        string past = to.Input(6).Length == 0 ? to.IntList(0) : to.Dim(to.Input(6), 2);
        string masked = FusedMask.Apply(to, scores, to.Input(4), to.Input(5), past);
        to.Give(3, "Identity", masked);
        DotProduct.Join(to, DotProduct.Mix(to, masked, v), to.Output);
        return true;
    }

    // Query, key and value as [B, N, S, H].
    private static string[] Parts(Emitter to)
    {
        long heads = to.Int("num_heads", 0);
        string bias = to.Input(3);
        if (to.Input(1).Length == 0)
        {
            return Projections.OfOne(to, to.Input(0), bias, heads);
        }

        if (to.Input(2).Length == 0)
        {
            if (bias.Length > 0)
            {
                throw to.Refuse("a bias on packed keys and values is not known");
            }

            return [DotProduct.Split(to, to.Input(0), heads), .. Projections.Unpack(to, to.Reshape(to.Input(1), 0, 0, heads, 2, -1), 2)];
        }

        if (to.RankOf(to.Input(1)) == 4)
        {
            string query = Projections.Biased(to, to.Input(0), bias, to.IntList(0), to.Dim(to.Input(0), 2));
            return [DotProduct.Split(to, query, heads), to.Input(1), to.Input(2)];
        }

        return Projections.OfThree(to, to.Input(0), to.Input(1), to.Input(2), bias, heads);
    }
}
