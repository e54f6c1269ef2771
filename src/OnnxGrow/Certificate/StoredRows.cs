using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>Reads the elements of a tensor as they are stored, as float64.</summary>
internal sealed class StoredRows
{
    private readonly TensorData _data;
    private readonly byte[] _bytes;
    private readonly int _size;

    /// <summary>For rows of up to <paramref name="width"/> elements.</summary>
    public StoredRows(TensorData data, int width)
    {
        _data = data;
        _size = ElementTypes.Bits(data.ElementType) / 8;
        _bytes = new byte[checked(width * _size)];
        Row = new double[width];
    }

    /// <summary>The row that was read last.</summary>
    public double[] Row { get; }

    /// <summary>
    /// Reads a row. The stored bytes are asked for, never <see cref="TensorData.ReadDoubles"/>, which a tensor that is
    /// computed may answer with values that are not rounded.
    /// </summary>
    public void Read(long first, int width)
    {
        Span<byte> bytes = _bytes.AsSpan(0, width * _size);
        _data.ReadBytes(checked(first * _size), bytes);
        ElementTypes.ToDoubles(_data.ElementType, bytes, Row.AsSpan(0, width));
    }
}
