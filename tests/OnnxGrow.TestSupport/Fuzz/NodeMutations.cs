using Google.Protobuf.Collections;
using Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Nodes that are not what a graph may have: cycles, values from nowhere, two writers of one value, other operators.</summary>
internal static class NodeMutations
{
    private static readonly string[] Operators =
    [
        "Add", "Sub", "Mul", "Div", "MatMul", "Gemm", "Reshape", "Transpose", "Concat", "Split", "Slice", "Gather", "GatherElements", "GatherND", "ScatterND", "ScatterElements", "Unsqueeze", "Squeeze",
        "Expand", "Tile", "Pad", "Shape", "Size", "ConstantOfShape", "Constant", "Range", "Where", "Softmax", "LogSoftmax", "LayerNormalization", "RMSNormalization", "GroupNormalization",
        "BatchNormalization", "InstanceNormalization", "ReduceMean", "ReduceSum", "ReduceMax", "Pow", "Sqrt", "Erf", "Tanh", "Sigmoid", "Relu", "Gelu", "Conv", "ConvTranspose", "MaxPool", "AveragePool",
        "GlobalAveragePool", "Flatten", "Einsum", "Identity", "Cast", "Clip", "TopK", "OneHot", "CumSum", "NonZero", "Loop", "If", "Scan", "Attention", "RotaryEmbedding", "MultiHeadAttention",
        "GroupQueryAttention", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "EmbedLayerNormalization", "FusedMatMul", "FusedGemm", "BiasGelu", "FastGelu", "PackedAttention",
        "PackedMultiHeadAttention", "RemovePadding", "RestorePadding", "DequantizeLinear", "QuantizeLinear", "MatMulNBits", "MatMulInteger", "DynamicQuantizeLinear", "Trilu", "Resize", "Mean", "Max",
        "SimplifiedLayerNormalization", "QuickGelu", "DepthToSpace", "SpaceToDepth", "LSTM", "Compress", "Unique", "SequenceConstruct", "SequenceAt", "Optional", "DoubleTranspose", "",
    ];

    public static void Change(GraphProto graph, SplitMix64 r)
    {
        int at = r.Int(0, graph.Node.Count - 1);
        NodeProto node = graph.Node[at];
        switch (r.Int(0, 12))
        {
            case 0 or 1 or 2 when node.Input.Count > 0:
                node.Input[r.Int(0, node.Input.Count - 1)] = AnyName(graph, r);
                break;
            case 3:
                graph.Node.RemoveAt(at);
                break;
            case 4:
                NodeProto copy = node.Clone();
                if (r.Coin())
                {
                    copy.Output.Clear();
                    copy.Output.Add("another");
                }

                graph.Node.Insert(r.Int(0, graph.Node.Count), copy);
                break;
            case 5:
                graph.Node.RemoveAt(at);
                graph.Node.Insert(r.Int(0, graph.Node.Count), node);
                break;
            case 6:
                node.OpType = r.Pick(Operators);
                if (r.Coin())
                {
                    node.Domain = r.Pick("", "ai.onnx", "com.microsoft", "local", Hostile.Name(r));
                }

                break;
            case 7 when node.Output.Count > 0:
                node.Output[r.Int(0, node.Output.Count - 1)] = r.Coin() ? AnyName(graph, r) : "";
                break;
            case 8:
                node.Output.Add(r.Coin() ? "more" : AnyName(graph, r));
                break;
            case 9 when node.Input.Count > 0:
                node.Input.RemoveAt(r.Int(0, node.Input.Count - 1));
                break;
            case 10:
                node.Input.Insert(r.Int(0, node.Input.Count), r.Coin() ? "" : AnyName(graph, r));
                break;
            case 11:
                Insert(graph, node, at, r);
                break;
            default:
                NodeProto other = graph.Node[r.Int(0, graph.Node.Count - 1)];
                node.Attribute.Add(other.Attribute.Select(a => a.Clone()));
                break;
        }
    }

    /// <summary>A value's name: usually one of the graph.</summary>
    public static string AnyName(GraphProto graph, SplitMix64 r)
    {
        switch (r.Int(0, 9))
        {
            case 0:
                return Hostile.Name(r);
            case <= 3 when graph.Initializer.Count > 0:
                return graph.Initializer[r.Int(0, graph.Initializer.Count - 1)].Name;
            case 4 when graph.Input.Count > 0:
                return graph.Input[r.Int(0, graph.Input.Count - 1)].Name;
            case 5 when graph.Output.Count > 0:
                return graph.Output[r.Int(0, graph.Output.Count - 1)].Name;
            default:
                NodeProto? node = graph.Node.Count == 0 ? null : graph.Node[r.Int(0, graph.Node.Count - 1)];
                return node is { Output.Count: > 0 } ? node.Output[r.Int(0, node.Output.Count - 1)] : "nowhere";
        }
    }

    /// <summary>Renames a value wherever this graph has it.</summary>
    public static void Rename(GraphProto graph, string old, string name)
    {
        foreach (NodeProto node in graph.Node)
        {
            Rename(node.Input, old, name);
            Rename(node.Output, old, name);
        }

        foreach (TensorProto tensor in graph.Initializer.Where(t => t.Name == old))
        {
            tensor.Name = name;
        }

        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Where(i => i.Name == old))
        {
            info.Name = name;
        }
    }

    private static void Rename(RepeatedField<string> names, string old, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            names[i] = names[i] == old ? name : names[i];
        }
    }

    // A node between a value and one that reads it.
    private static void Insert(GraphProto graph, NodeProto reader, int at, SplitMix64 r)
    {
        if (reader.Input.Count == 0)
        {
            return;
        }

        int input = r.Int(0, reader.Input.Count - 1);
        var node = new NodeProto { OpType = r.Pick(Operators), Domain = r.Pick("", "", "com.microsoft") };
        node.Input.Add(reader.Input[input]);
        for (int i = r.Int(0, 4); i > 0; i--)
        {
            node.Input.Add(AnyName(graph, r));
        }

        node.Output.Add("between");
        AttributeMutations.Add(node, r);
        reader.Input[input] = "between";
        graph.Node.Insert(at, node);
    }
}
