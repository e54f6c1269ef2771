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
        for (int i = 0; i < graph.Node.Count; i++)
        {
            NodeProto node = graph.Node[i];
            if (node.OpType != "Constant" || node.Output.Count != 1 || seen.TryAdd(node.Output[0], node))
            {
                continue;
            }

            RepeatedField<AttributeProto> attributes = seen[node.Output[0]].Attribute;
            attributes.Clear();
            attributes.AddRange(node.Attribute);
            graph.Node.RemoveAt(i--);
        }
    }
}
