using OnnxGrow.Onnx;

namespace OnnxGrow.Tests.Recipes;

/// <summary>A tensor in memory.</summary>
internal sealed class HeldData(ElementType type, byte[] bytes) : TensorData
{
    public HeldData(ElementType type, params double[] values)
        : this(type, new byte[ElementTypes.ByteLength(type, values.Length)]) =>
        ElementTypes.FromDoubles(type, values, Bytes);

    public byte[] Bytes => bytes;

    public override ElementType ElementType => type;

    public override long Count => bytes.Length * 8L / ElementTypes.Bits(type);

    public double[] Values
    {
        get
        {
            double[] values = new double[Count];
            ElementTypes.ToDoubles(type, bytes, values);
            return values;
        }
    }

    /// <summary>All stored bytes of a tensor.</summary>
    public static HeldData Of(TensorData data)
    {
        byte[] stored = new byte[data.ByteLength];
        data.ReadBytes(0, stored);
        return new HeldData(data.ElementType, stored);
    }

    public static double[] Doubles(TensorData data)
    {
        double[] values = new double[data.Count];
        data.ReadDoubles(0, values);
        return values;
    }

    public override void ReadBytes(long byteOffset, Span<byte> destination) =>
        bytes.AsSpan(checked((int)byteOffset), destination.Length).CopyTo(destination);
}
