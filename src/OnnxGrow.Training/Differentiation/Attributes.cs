using Google.Protobuf;
using Onnx;
using static Onnx.AttributeProto.Types;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Attribute messages from plain values.</summary>
internal static class Attributes
{
    /// <summary>long, long[], double (stored as float32), string, or a tensor.</summary>
    public static AttributeProto Of(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long i:
                attribute.Type = AttributeType.Int;
                attribute.I = i;
                break;
            case double f:
                attribute.Type = AttributeType.Float;
                attribute.F = (float)f;
                break;
            case long[] ints:
                attribute.Type = AttributeType.Ints;
                attribute.Ints.AddRange(ints);
                break;
            case string text:
                attribute.Type = AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case TensorProto tensor:
                attribute.Type = AttributeType.Tensor;
                attribute.T = tensor;
                break;
            default:
                throw new ArgumentException($"no attribute can hold a {value.GetType().Name}", nameof(value));
        }

        return attribute;
    }
}
