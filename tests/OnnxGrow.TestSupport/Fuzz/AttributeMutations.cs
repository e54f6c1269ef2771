using Google.Protobuf;
using Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Attributes that operators do not expect.</summary>
internal static class AttributeMutations
{
    private static readonly string[] Names =
    [
        "axis", "axes", "perm", "keepdims", "epsilon", "num_heads", "kv_num_heads", "q_num_heads", "value", "value_ints", "shape", "split", "num_outputs", "starts", "ends", "steps", "equation", "transA",
        "transB", "alpha", "to", "group", "kernel_shape", "pads", "strides", "blocksize", "body", "then_branch", "else_branch", "qkv_hidden_sizes", "interleaved", "rotary_embedding_dim", "num_scan_inputs",
        "allowzero", "batch_dims", "K", "N", "bits", "block_size", "num_groups", "scale", "unidirectional",
    ];

    public static void Change(NodeProto node, SplitMix64 r)
    {
        if (node.Attribute.Count == 0 || r.Int(0, 4) == 0)
        {
            Add(node, r);
            return;
        }

        AttributeProto attribute = node.Attribute[r.Int(0, node.Attribute.Count - 1)];
        switch (r.Int(0, 8))
        {
            case 0:
                node.Attribute.Remove(attribute);
                break;
            case 1:
                node.Attribute.Add(attribute.Clone());
                break;
            case 2:
                attribute.Type = (AttributeProto.Types.AttributeType)r.Int(0, 16);
                break;
            case 3:
                attribute.Name = r.Coin() ? r.Pick(Names) : Hostile.Name(r);
                break;
            case 4 when attribute.T is not null:
                TensorMutations.Change(attribute.T, r);
                break;
            case 5:
                attribute.RefAttrName = r.Coin() ? r.Pick(Names) : Hostile.Name(r);
                break;
            default:
                SetValue(attribute, r);
                break;
        }
    }

    public static void Add(NodeProto node, SplitMix64 r)
    {
        for (int i = r.Int(0, 3); i > 0; i--)
        {
            var attribute = new AttributeProto { Name = r.Pick(Names), Type = r.Pick(AttributeProto.Types.AttributeType.Int, AttributeProto.Types.AttributeType.Ints, AttributeProto.Types.AttributeType.Float, AttributeProto.Types.AttributeType.String) };
            SetValue(attribute, r);
            node.Attribute.Add(attribute);
        }
    }

    private static void SetValue(AttributeProto attribute, SplitMix64 r)
    {
        switch (attribute.Type)
        {
            case AttributeProto.Types.AttributeType.Int:
                attribute.I = Hostile.Number(r);
                break;
            case AttributeProto.Types.AttributeType.Float:
                attribute.F = Hostile.Float(r);
                break;
            case AttributeProto.Types.AttributeType.String:
                attribute.S = ByteString.CopyFromUtf8(r.Pick("ij,jk->ik", "...ij,jk->...ik", "i->", "->", ",", "bhqd,bhkd->bhqk", "iiii->i", "NOTSET", "SAME_UPPER", Hostile.Name(r)));
                break;
            case AttributeProto.Types.AttributeType.Ints when attribute.Ints.Count > 0 && r.Coin():
                attribute.Ints[r.Int(0, attribute.Ints.Count - 1)] = Hostile.Number(r);
                break;
            case AttributeProto.Types.AttributeType.Ints:
                TensorMutations.Dims(attribute.Ints, r);
                break;
            case AttributeProto.Types.AttributeType.Tensor when attribute.T is not null:
                TensorMutations.Change(attribute.T, r);
                break;
            default:
                attribute.I = Hostile.Number(r);
                attribute.F = Hostile.Float(r);
                attribute.Ints.Add(Hostile.Number(r));
                break;
        }
    }
}
