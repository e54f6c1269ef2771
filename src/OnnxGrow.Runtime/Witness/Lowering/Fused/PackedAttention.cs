using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's PackedAttention and PackedMultiHeadAttention: attention on the real tokens of all sequences, one after
/// the other. They are put back at their places, attended by the batch, and packed again: so a bias on the scores has its
/// positions, and what one sequence holds cannot reach another.
/// </summary>
[Lowers("PackedAttention", Domain = Domains.Microsoft)]
[Lowers("PackedMultiHeadAttention", Domain = Domains.Microsoft)]
internal sealed class PackedAttention : ILowering
{
    public bool Lower(Emitter to)
    {
        to.Need(PackedTokens.Opset, "packing tokens");
        bool projected = to.Node.OpType == "PackedMultiHeadAttention";
        int first = projected ? 4 : 3;
        string offsets = to.Input(first);
        string[] parts = projected ? Given(to, offsets) : Projected(to, offsets);
        string scores = DotProduct.Scores(to, parts[0], parts[1], to.Float("scale", 0));
        string bias = to.Input(first + 2);
        string biased = bias.Length == 0 ? scores : to.Add(scores, bias);

        // Padding is left out whatever mask_filter_value is, as by the kernels. -infinity and not the lowest float32,
        // which a bias may hold for real tokens. A sequence without tokens becomes NaN, and is not taken.
        string masked = to.Where(Real(to, to.Input(first + 1), offsets), biased, to.Scalar(double.NegativeInfinity));
        string mixed = to.Transpose(DotProduct.Mix(to, masked, parts[2]), 0, 2, 1, 3);
        PackedTokens.Remove(to, to.Reshape(mixed, 0, 0, -1), to.Input(0), offsets);
        return true;
    }

    private static string[] Projected(Emitter to, string offsets)
    {
        string product = to.Op("MatMul", PackedTokens.Restore(to, to.Input(0), offsets), to.Input(1));
        return Projections.OfProduct(to, to.Add(product, to.Input(2)), to.Int("num_heads", 0));
    }

    private static string[] Given(Emitter to, string offsets)
    {
        long heads = to.Int("num_heads", 0);
        if (to.Input(1).Length == 0)
        {
            // [T, N, 3, H].
            string flat = to.Op("Flatten", [("axis", 1)], to.Input(0));
            return Projections.OfOne(to, PackedTokens.Restore(to, flat, offsets), to.Input(3), heads);
        }

        string[] all = [.. Enumerable.Range(0, 3).Select(i => PackedTokens.Restore(to, to.Input(i), offsets))];
        return Projections.OfThree(to, all[0], all[1], all[2], to.Input(3), heads);
    }

    // Which keys are tokens, [B, 1, 1, S], from where the sequences end among them, [B + 1].
    private static string Real(Emitter to, string bounds, string offsets)
    {
        string whole = to.Cast(bounds, ElementType.Int64);
        string lengths = to.Sub(to.Cut(whole, 0, 1, long.MaxValue), to.Cut(whole, 0, 0, -1));
        return to.Op("Less", to.Range(to.Dim(offsets, 1)), to.Reshape(lengths, -1, 1, 1, 1));
    }
}
