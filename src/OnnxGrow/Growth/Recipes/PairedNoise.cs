using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// Noise that is added to one copy of a pair and taken off the other, so that it parts the copies and changes no sum
/// (HyperCloning, Samragh et al. 2024, arXiv 2409.12903). Of an odd number of copies the last stays as it is.
/// </summary>
/// <remarks>
/// The sum is exact, not rounded (growth-math 10.2): for a share s the larger of the pair is any stored value b with
/// s at most b at most 4 s, and 2 s - b is then a stored value too (Sterbenz). Noise beyond 3 s is cut there.
/// </remarks>
internal readonly struct PairedNoise(ElementType type, RandomStream random)
{
    private const double LargestFactor = 4;

    private readonly double _smallest = LargestFactor * Shares.PowerOfTwo(ElementTypes.MinExponent(type) + ElementTypes.SignificandBits(type) - 1);

    /// <summary>Adds noise to the equal shares of one copy.</summary>
    /// <param name="shares">The shares.</param>
    /// <param name="piece">Where they are.</param>
    /// <param name="deviation">The noise's deviation.</param>
    public void Add(Span<double> shares, in RecipePiece piece, double deviation)
    {
        bool alone = piece.Ordinal == piece.Copies - 1 && piece.Copies % 2 != 0;
        for (int i = 0; !alone && i < shares.Length; i++)
        {
            double share = ElementTypes.Round(type, Math.Abs(shares[i]));

            // What is near the smallest numbers of the type, or the largest, has no room on one side.
            if (share < _smallest || !double.IsFinite(ElementTypes.Round(type, LargestFactor * share)))
            {
                continue;
            }

            double drawn = random.Normal((ulong)(piece.Group + i), (ulong)(piece.Ordinal / 2)) * deviation;
            double larger = ElementTypes.Round(type, share + Math.Min(Math.Abs(drawn), (LargestFactor - 1) * share));
            bool adds = (drawn < 0) == (piece.Ordinal % 2 != 0);

            // What rounding the share itself takes off stays: values are not rounded before they are stored.
            double rest = shares[i] - Math.CopySign(share, shares[i]);
            shares[i] = Math.CopySign(adds ? larger : (2 * share) - larger, adds || larger < 2 * share ? shares[i] : -shares[i]) + rest;
        }
    }
}
