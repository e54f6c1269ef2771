using Onnx;

namespace OnnxGrow.Growth;

/// <summary>Weights whose axes are too long to be written out entry by entry, as recipes do.</summary>
internal static class LongAxes
{
    // A weight with elements cannot have an axis longer than its data; one without may say anything.
    private const int LongestOfNothing = 1 << 20;

    /// <summary>Checks a weight that grows or stands in a new layer.</summary>
    /// <exception cref="CannotGrowException">An axis is too long.</exception>
    public static void Check(TensorProto tensor, string name)
    {
        bool isEmpty = tensor.Dims.Contains(0);
        long most = isEmpty ? LongestOfNothing : Array.MaxLength;
        for (int i = 0; i < tensor.Dims.Count; i++)
        {
            if (tensor.Dims[i] > most)
            {
                throw new CannotGrowException(ErrorCode.Size, FormattableString.Invariant(
                    $"axis {i} of '{Text.Name(name)}' has the extent {tensor.Dims[i]}{(isEmpty ? ", and the weight no elements" : "")}; such weights can grow or stand in a new layer with axes of at most {most}"));
            }
        }
    }
}
