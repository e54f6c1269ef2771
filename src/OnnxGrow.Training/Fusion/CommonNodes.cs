using Google.Protobuf;
using Onnx;
using OnnxGrow.Analysis.Preparation;

namespace OnnxGrow.Training.Fusion;

/// <summary>Computes once what several nodes compute alike, and writes outputs of a graph without a last Identity where it can.</summary>
internal static class CommonNodes
{
    /// <summary>Rewrites a graph whose nodes are in the order in which they are computed.</summary>
    public static void Run(GraphProto graph)
    {
        HashSet<string> outputs = [.. graph.Output.Select(o => o.Name)];
        var same = new Dictionary<string, string>(StringComparer.Ordinal);
        var first = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        var kept = new List<NodeProto>();
        foreach (NodeProto node in graph.Node)
        {
            Naming.Rename(node, same);
            bool plain = node.Attribute.All(a => a.G is null) && !node.OpType.StartsWith("Random", StringComparison.Ordinal)
                && node.OpType is not ("Bernoulli" or "Multinomial" or "Dropout") && !node.Output.Any(outputs.Contains);
            string key = plain ? KeyOf(node) : "";
            if (plain && first.TryGetValue(key, out NodeProto? other))
            {
                for (int o = 0; o < node.Output.Count; o++)
                {
                    same[node.Output[o]] = other.Output[o];
                }

                continue;
            }

            if (plain)
            {
                first.Add(key, node);
            }

            kept.Add(node);
        }

        graph.Node.Clear();
        graph.Node.AddRange(kept);
        NameOutputs(graph, outputs);
    }

    /// <summary>Gives the value behind an Identity the output's name.</summary>
    private static void NameOutputs(GraphProto graph, HashSet<string> outputs)
    {
        HashSet<string> made = [.. graph.Node.SelectMany(n => n.Output)];
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        NodeProto[] kept = [.. graph.Node.Where(n =>
            !(n.OpType == "Identity" && outputs.Contains(n.Output[0]) && made.Contains(n.Input[0]) && !outputs.Contains(n.Input[0]) && named.TryAdd(n.Input[0], n.Output[0])))];
        foreach (NodeProto node in kept)
        {
            Naming.Rename(node, named);
        }

        graph.Node.Clear();
        graph.Node.AddRange(kept);
    }

    private static string KeyOf(NodeProto node)
    {
        var bare = new NodeProto { OpType = node.OpType, Domain = node.Domain };
        bare.Input.AddRange(node.Input);
        bare.Attribute.AddRange(node.Attribute.OrderBy(a => a.Name, StringComparer.Ordinal));

        // An optional output that is left out makes another node of it.
        bare.Output.AddRange(node.Output.Select(o => o.Length > 0 ? "x" : ""));
        return Convert.ToBase64String(bare.ToByteArray());
    }
}
