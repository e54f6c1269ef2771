using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>Tensors between our form and ONNX Runtime's, whose numbers for element types are ONNX's own.</summary>
internal static class OrtTensors
{
    public static RuntimeTensor Read(string name, OrtValue value) => Copy(value, InfoOf(name, value));

    /// <summary>What a tensor is, with its value where it is small.</summary>
    public static TensorSketch Sketch(string name, OrtValue value, long mostElements)
    {
        OrtTensorTypeAndShapeInfo info = InfoOf(name, value);
        return new TensorSketch((ElementType)info.ElementDataType, info.Shape, info.ElementCount <= mostElements ? Copy(value, info) : null);
    }

    private static OrtTensorTypeAndShapeInfo InfoOf(string name, OrtValue value)
    {
        if (!value.IsTensor)
        {
            throw new NotVerifiedException(ErrorCode.Runtime, $"the output '{Text.Name(name)}' is not a tensor but {value.OnnxType}");
        }

        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        if (info.IsString)
        {
            throw new NotVerifiedException(ErrorCode.Runtime, $"the output '{Text.Name(name)}' holds strings, which cannot be compared");
        }

        return info;
    }

    private static RuntimeTensor Copy(OrtValue value, OrtTensorTypeAndShapeInfo info)
    {
        byte[] bytes = info.ElementCount == 0 ? [] : value.GetTensorMutableRawData().ToArray();
        return new RuntimeTensor((ElementType)info.ElementDataType, info.Shape, bytes);
    }
}

/// <summary>What a tensor is.</summary>
/// <param name="Type">Its element type.</param>
/// <param name="Dims">Its extents.</param>
/// <param name="Value">The tensor, where it is small.</param>
internal sealed record TensorSketch(ElementType Type, long[] Dims, RuntimeTensor? Value);

/// <summary>Inputs that ONNX Runtime reads where they lie; they stay pinned until this is disposed.</summary>
internal sealed class PinnedInputs : IDisposable
{
    private static readonly byte[] Nothing = new byte[8];

    private readonly List<GCHandle> _handles = [];
    private readonly Dictionary<string, OrtValue> _values = new(StringComparer.Ordinal);

    public PinnedInputs(IReadOnlyDictionary<string, RuntimeTensor> inputs)
    {
        foreach ((string name, RuntimeTensor tensor) in inputs)
        {
            GCHandle handle = GCHandle.Alloc(tensor.Buffer.Length == 0 ? Nothing : tensor.Buffer, GCHandleType.Pinned);
            _handles.Add(handle);
            _values.Add(name, OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance,
                (TensorElementType)tensor.ElementType,
                [.. tensor.Dims],
                handle.AddrOfPinnedObject(),
                tensor.Buffer.Length));
        }
    }

    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    public void Dispose()
    {
        foreach (OrtValue value in _values.Values)
        {
            value.Dispose();
        }

        foreach (GCHandle handle in _handles)
        {
            handle.Free();
        }
    }
}
