using Google.Protobuf.Collections;
using Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// Constants that an optimizer has written twice under one name. ONNX forbids it; ONNX Runtime warns and takes the last.
/// </summary>
internal static class Duplicates
{
    public static bool Any(GraphProto graph)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return graph.Node.Any(n => n.OpType == "Constant" && n.Output.Count == 1 && !names.Add(n.Output[0]));
    }

    /// <summary>Leaves one of each, where the first stood, with what the last holds: that is what ONNX Runtime goes by.</summary>
    public static void Remove(GraphProto graph)
    {
        var seen = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        var left = new List<NodeProto>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType != "Constant" || node.Output.Count != 1 || seen.TryAdd(node.Output[0], node))
            {
                left.Add(node);
                continue;
            }

            RepeatedField<AttributeProto> attributes = seen[node.Output[0]].Attribute;
            attributes.Clear();
            attributes.AddRange(node.Attribute);
        }

        if (left.Count < graph.Node.Count)
        {
            graph.Node.Clear();
            graph.Node.AddRange(left);
        }
    }
}
