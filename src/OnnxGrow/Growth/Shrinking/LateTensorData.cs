using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>The place of a source tensor whose elements are found after the graph around it has been understood.</summary>
internal sealed class LateTensorData(string name, ElementType type, long count) : TensorData
{
    private TensorData? _data;

    /// <summary>Name of the tensor, for messages.</summary>
    public string Name => name;

    /// <inheritdoc/>
    public override ElementType ElementType => type;

    /// <inheritdoc/>
    public override long Count => count;

    /// <summary>Whether anything was read of it; then the graph cannot be understood without it.</summary>
    public bool WasRead { get; private set; }

    /// <summary>Says where the elements are.</summary>
    public void Bind(TensorData data)
    {
        if (data.ElementType != type || data.Count != count)
        {
            throw new ArgumentException($"'{name}' is {count} x {type}, not {data.Count} x {data.ElementType}", nameof(data));
        }

        _data = data;
    }

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        WasRead = true;
        TensorData data = _data ?? throw new BadInputException(
            ErrorCode.Metadata, $"the source graph in the model's metadata lacks the elements of '{Text.Name(name)}', which are needed to understand it");
        data.ReadBytes(byteOffset, destination);
    }
}
