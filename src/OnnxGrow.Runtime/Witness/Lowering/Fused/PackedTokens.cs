using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Tokens of a batch one after the other, without its padding, and the way between that and [batch, length, width]. The
/// offsets [batch, length] say where in the batch a token is: those of the real ones first, then those of padding.
/// </summary>
internal static class PackedTokens
{
    /// <summary>The operator set that has what is needed: scattering, ranges and running sums.</summary>
    public const long Opset = 11;

    /// <summary>The tokens [T, W] at their places in [B, S, W]; zeros where there is padding.</summary>
    public static string Restore(Emitter to, string tokens, string offsets)
    {
        string width = to.Dim(tokens, 1);
        string places = to.Reshape(to.Op("Size", offsets), 1);
        string empty = to.Op("Expand", to.Scalar(0), to.Join(0, places, width));
        string filled = to.Op("ScatterND", empty, to.Unsqueeze(Places(to, tokens, offsets), 1), tokens);
        return to.Op("Reshape", filled, to.Join(0, to.ShapeOf(offsets), width));
    }

    /// <summary>What [B, S, W] holds at the tokens' places, [T, W].</summary>
    public static void Remove(Emitter to, string x, string tokens, string offsets) =>
        Take(to, x, Places(to, tokens, offsets));

    /// <summary>Writes the rows of [B, S, W] at places [T] as the node's output.</summary>
    public static void Take(Emitter to, string x, string places) =>
        to.To(to.Output, "Gather", to.Op("Flatten", [("axis", 2)], x), places);

    // The offsets of as many tokens as there are.
    private static string Places(Emitter to, string tokens, string offsets) =>
        to.Cut(to.Reshape(to.Cast(offsets, ElementType.Int64), -1), 0, to.IntList(0), to.Dim(tokens, 0));
}
