using Google.Protobuf;
using Onnx;
using static Onnx.AttributeProto.Types;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Attributes of nodes as plain values, and the other way round.</summary>
internal static class Attributes
{
    /// <summary>A node's attribute; null where it has none of that name.</summary>
    public static AttributeProto? Find(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    /// <summary>An integer attribute, or its default.</summary>
    public static long Int(NodeProto node, string name, long missing) => Find(node, name)?.I ?? missing;

    /// <summary>A list-of-integers attribute, or null.</summary>
    public static long[]? IntList(NodeProto node, string name) => Find(node, name) is { } found ? [.. found.Ints] : null;

    /// <summary>A float attribute, or its default.</summary>
    public static float Float(NodeProto node, string name, float missing) => Find(node, name)?.F ?? missing;

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
