using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Devices;

/// <summary>A tensor that stays on its device from one run to the next.</summary>
public sealed class DeviceTensor : IDisposable
{
    private readonly TensorDevice _device;

    internal DeviceTensor(TensorDevice device, ElementType type, ImmutableArray<long> dims, OrtValue value)
    {
        _device = device;
        ElementType = type;
        Dims = dims;
        Value = value;
    }

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>The extents, outermost first.</summary>
    public ImmutableArray<long> Dims { get; }

    /// <summary>How many elements it has.</summary>
    public long Count => Dims.Aggregate(1L, (n, d) => n * d);

    internal OrtValue Value { get; }

    /// <summary>Replaces the elements.</summary>
    /// <param name="tensor">As many elements of the same type.</param>
    /// <exception cref="ArgumentException">Type or extents are others.</exception>
    public void Write(RuntimeTensor tensor)
    {
        if (tensor.ElementType != ElementType || !tensor.Dims.SequenceEqual(Dims))
        {
            throw new ArgumentException($"{tensor} is no {ElementType}[{string.Join(", ", Dims)}]", nameof(tensor));
        }

        if (_device.IsHost)
        {
            tensor.Bytes.Span.CopyTo(Value.GetTensorMutableRawData());
            return;
        }

        using var pinned = new PinnedInputs(new Dictionary<string, RuntimeTensor> { ["x"] = tensor });
        _device.Copy(ElementType, pinned.Values["x"], Value);
    }

    /// <summary>The elements, on the host.</summary>
    public RuntimeTensor Read()
    {
        byte[] bytes = new byte[ElementTypes.ByteLength(ElementType, Count)];
        if (_device.IsHost)
        {
            Value.GetTensorMutableRawData().CopyTo(bytes);
            return new RuntimeTensor(ElementType, Dims, bytes);
        }

        var tensor = new RuntimeTensor(ElementType, Dims, bytes);
        using var pinned = new PinnedInputs(new Dictionary<string, RuntimeTensor> { ["x"] = tensor });
        _device.Copy(ElementType, Value, pinned.Values["x"]);
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}
