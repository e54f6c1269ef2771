using OnnxGrow.Onnx;
using OnnxGrow.Runtime;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>Element types and elements between ONNX and TorchSharp.</summary>
internal static class TorchTypes
{
    /// <summary>The type that TorchSharp has for an ONNX type.</summary>
    /// <exception cref="CannotTrainException">It has none.</exception>
    public static ScalarType Of(ElementType type) => type switch
    {
        ElementType.Float32 => ScalarType.Float32,
        ElementType.Float64 => ScalarType.Float64,
        ElementType.Float16 => ScalarType.Float16,
        ElementType.BFloat16 => ScalarType.BFloat16,
        ElementType.Int64 => ScalarType.Int64,
        ElementType.Int32 => ScalarType.Int32,
        ElementType.Int16 => ScalarType.Int16,
        ElementType.Int8 => ScalarType.Int8,
        ElementType.UInt8 => ScalarType.Byte,
        ElementType.Bool => ScalarType.Bool,
        _ => throw new CannotTrainException(ErrorCode.Gradient, $"TorchSharp has no tensors of type {type}; the engine onnxruntime runs this model"),
    };

    /// <summary>The ONNX type of a tensor.</summary>
    public static ElementType Of(ScalarType type) => type switch
    {
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Float64 => ElementType.Float64,
        ScalarType.Float16 => ElementType.Float16,
        ScalarType.BFloat16 => ElementType.BFloat16,
        ScalarType.Int64 => ElementType.Int64,
        ScalarType.Int32 => ElementType.Int32,
        ScalarType.Int16 => ElementType.Int16,
        ScalarType.Int8 => ElementType.Int8,
        ScalarType.Byte => ElementType.UInt8,
        ScalarType.Bool => ElementType.Bool,
        _ => throw new CannotTrainException(ErrorCode.Gradient, $"ONNX has no tensors of TorchSharp's type {type}"),
    };

    /// <summary>A tensor in the host's memory from its stored form.</summary>
    public static Tensor FromBytes(ElementType type, IReadOnlyList<long> dims, Span<byte> bytes)
    {
        // Only the span takes the bits as they are; frombuffer converts them.
        Tensor tensor = torch.empty(dims.ToArray(), Of(type));
        if (bytes.Length > 0)
        {
            tensor.bytes = bytes;
        }

        return tensor;
    }

    /// <summary>The elements of a model's tensor, in the host's memory.</summary>
    public static Tensor FromData(TensorData data, IReadOnlyList<long> dims) => FromRuntime(RuntimeTensor.Of(data, dims));

    /// <summary>A tensor of TorchSharp.</summary>
    public static Tensor FromRuntime(RuntimeTensor tensor) => FromBytes(tensor.ElementType, tensor.Dims, tensor.Bytes.ToArray());

    /// <summary>A copy of a tensor as the other engine has it.</summary>
    public static RuntimeTensor ToRuntime(Tensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor host = tensor.detach().cpu().contiguous();
        return new RuntimeTensor(Of(host.dtype), host.shape, host.numel() == 0 ? [] : host.bytes.ToArray());
    }
}
