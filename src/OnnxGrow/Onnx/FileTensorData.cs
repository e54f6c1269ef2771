namespace OnnxGrow.Onnx;

/// <summary>Elements that are a range of a file.</summary>
internal sealed class FileTensorData(DataFile file, long offset, ElementType type, long count) : TensorData
{
    /// <inheritdoc/>
    public override ElementType ElementType => type;

    /// <inheritdoc/>
    public override long Count => count;

    /// <summary>The file.</summary>
    public DataFile File => file;

    /// <summary>Where in the file the elements begin.</summary>
    public long Offset => offset;

    /// <summary>A range of a file as bytes.</summary>
    public static FileTensorData Bytes(DataFile file, long offset, long length) => new(file, offset, ElementType.UInt8, length);

    /// <summary>The same range as elements of another type.</summary>
    public FileTensorData As(ElementType newType, long newCount) => new(file, offset, newType, newCount);

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, ByteLength - destination.Length);
        file.Read(offset + byteOffset, destination);
    }
}
