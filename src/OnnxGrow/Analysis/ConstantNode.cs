using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>Constant nodes in all the forms that the operator allows.</summary>
internal static class ConstantNode
{
    /// <summary>The node's tensor; made up for the scalar and list forms; null for strings and sparse tensors.</summary>
    public static TensorProto? TensorOf(NodeProto node)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            switch (attribute.Name)
            {
                case "value":
                    return attribute.T;
                case "value_int":
                    return Tensors.Int64(node.Output[0], [], attribute.I);
                case "value_ints":
                    return Tensors.Int64(node.Output[0], [attribute.Ints.Count], [.. attribute.Ints]);
                case "value_float":
                    return Floats(node.Output[0], [], [attribute.F]);
                case "value_floats":
                    return Floats(node.Output[0], [attribute.Floats.Count], [.. attribute.Floats]);
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>Makes the node hold this tensor, whatever form it had.</summary>
    public static void SetTensor(NodeProto node, TensorProto tensor)
    {
        node.Attribute.Clear();
        node.Attribute.Add(new AttributeProto
        {
            Name = "value",
            Type = AttributeProto.Types.AttributeType.Tensor,
            T = tensor,
        });
    }

    private static TensorProto Floats(string name, long[] dims, float[] values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        var tensor = new TensorProto { Name = name, DataType = (int)ElementType.Float32, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(dims);
        return tensor;
    }
}
