using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>The element type of a tensor of sizes.</summary>
internal static class SizeType
{
    /// <summary>Sizes are 64-bit integers until something casts them.</summary>
    public static ElementType Of(Value value)
    {
        while (value.Producer is { } node && node.Input(0) is { } input)
        {
            if (node.Is("Cast"))
            {
                return (ElementType)node.Int("to", (long)ElementType.Int64);
            }

            if (node.Is("Shape") || node.Is("Size"))
            {
                break;
            }

            value = input;
        }

        return value.Tensor is { } tensor ? (ElementType)tensor.DataType : ElementType.Int64;
    }
}
