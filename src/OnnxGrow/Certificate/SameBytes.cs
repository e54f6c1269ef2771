using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>Checks tensors of types that do not grow (integers, bools): they are the source's, byte by byte.</summary>
internal static class SameBytes
{
    private const int BlockBytes = 1 << 16;

    public static WeightCertificateResult Check(WeightRecipe recipe, TensorData grown)
    {
        if (recipe.Axes.Any(a => !a.Expansion.IsIdentity) || recipe.Factor != 1)
        {
            return CertificateText.Broken(recipe, $"grows, but holds {grown.ElementType}");
        }

        byte[] source = new byte[BlockBytes];
        byte[] copy = new byte[BlockBytes];
        for (long at = 0; at < grown.ByteLength; at += BlockBytes)
        {
            int length = (int)Math.Min(BlockBytes, grown.ByteLength - at);
            recipe.Source.ReadBytes(at, source.AsSpan(0, length));
            grown.ReadBytes(at, copy.AsSpan(0, length));
            int same = source.AsSpan(0, length).CommonPrefixLength(copy.AsSpan(0, length));
            if (same < length)
            {
                return CertificateText.Broken(recipe, $"differs from its source from byte {at + same} on");
            }
        }

        return CertificateText.Of(recipe, Exactness.BitExact, new ResidualTracker());
    }
}
