namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's Attention: the projections of query, key and value are one product; past and present hold keys and
/// values one above the other.
/// </summary>
[Lowers("Attention", Domain = Domains.Microsoft)]
internal sealed class FusedAttention : ILowering
{
    public bool Lower(Emitter to)
    {
        if (to.Int("do_rotary", 0) != 0 || to.Int("past_present_share_buffer", 0) != 0)
        {
            throw to.Refuse("rotary embedding inside and shared buffers are not lowered; export with RotaryEmbedding beside it");
        }

        string projected = to.Op("MatMul", to.Input(0), to.Input(1));
        string biased = to.Input(2).Length == 0 ? projected : to.Add(projected, to.Input(2));
        string[] parts = Projections.OfProduct(to, biased, to.Int("num_heads", 0));
        string past = to.Input(4);
        for (int i = 1; i < 3 && past.Length > 0; i++)
        {
            parts[i] = to.Join(2, to.Gather(past, to.IntScalar(i - 1), 0), parts[i]);
        }

        if (to.OutputAt(1).Length > 0)
        {
            to.To(to.OutputAt(1), "Identity", to.Join(0, to.Unsqueeze(parts[1], 0), to.Unsqueeze(parts[2], 0)));
        }

        string scores = DotProduct.Scores(to, parts[0], parts[1], to.Float("scale", 0));
        string masked = FusedMask.Apply(to, scores, to.Input(3), to.Input(5), past.Length == 0 ? to.IntList(0) : to.Dim(past, 3));
        DotProduct.Join(to, DotProduct.Mix(to, masked, parts[2]), to.Output);
        return true;
    }
}
