using Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// ONNX Runtime's operators that add up a residual connection and normalise the sum. Taken apart, the sum and the norm are
/// the nodes of any other model: layers can be found between them and put between them. Afterwards every sum that still
/// feeds its norm is one operator again.
/// </summary>
internal static class ResidualNorms
{
    private const string SumTag = "onnxgrow:sum";
    private const string BiasTag = "onnxgrow:bias";
    private const string NormTag = "onnxgrow:norm";

    public static bool IsFused(NodeProto node) =>
        node.Domain == "com.microsoft" && node.OpType is "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization"
        && node.Input.Count > 2 && node.Output.Count > 0 && Unused(node, 1) && Unused(node, 2);

    public static void TakeApart(GraphProto graph)
    {
        if (!graph.Node.Any(IsFused))
        {
            return;
        }

        HashSet<string> names = [.. graph.Node.SelectMany(n => n.Output), .. graph.Initializer.Select(t => t.Name), .. graph.Input.Select(i => i.Name)];
        var nodes = new List<NodeProto>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            if (IsFused(node))
            {
                nodes.AddRange(Parts(node, names));
            }
            else
            {
                nodes.Add(node);
            }
        }

        graph.Node.Clear();
        graph.Node.AddRange(nodes);
    }

    public static void PutTogether(GraphProto graph)
    {
        var makers = new Dictionary<string, int>(StringComparer.Ordinal);
        var uses = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string output in graph.Node[i].Output)
            {
                makers[output] = i;
            }

            foreach (string input in graph.Node[i].Input)
            {
                uses[input] = uses.GetValueOrDefault(input) + 1;
            }
        }

        HashSet<string> outputs = [.. graph.Output.Select(o => o.Name)];
        var replaced = new Dictionary<int, NodeProto>();
        var removed = new HashSet<int>();
        for (int i = 0; i < graph.Node.Count; i++)
        {
            NodeProto norm = graph.Node[i];
            if (!norm.DocString.StartsWith(NormTag, StringComparison.Ordinal) || !makers.TryGetValue(norm.Input[0], out int at) || replaced.ContainsKey(at))
            {
                continue;
            }

            NodeProto sum = graph.Node[at];
            bool before = norm.Input.Skip(1).All(g => !makers.TryGetValue(g, out int made) || made < at);
            if (sum.DocString != SumTag || !before)
            {
                continue;
            }

            NodeProto fused = Fused(norm, sum);
            string total = sum.Output[0];
            if (uses[total] > 1 || outputs.Contains(total))
            {
                fused.Output.AddRange(["", "", total]);
            }

            TakeBias(fused, graph, makers, uses, outputs, removed);
            replaced.Add(at, fused);
            removed.Add(i);
        }

        var nodes = new List<NodeProto>(graph.Node.Count);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            if (!removed.Contains(i))
            {
                NodeProto node = replaced.GetValueOrDefault(i, graph.Node[i]);
                node.DocString = Untagged(node.DocString);
                nodes.Add(node);
            }
        }

        graph.Node.Clear();
        graph.Node.AddRange(nodes);
    }

    private static bool Unused(NodeProto node, int output) => node.Output.Count <= output || node.Output[output].Length == 0;

    private static IEnumerable<NodeProto> Parts(NodeProto node, HashSet<string> names)
    {
        bool layerNorm = node.OpType == "SkipLayerNormalization";
        string left = node.Input[0];
        int biasAt = layerNorm ? 4 : 3;
        if (node.Input.Count > biasAt && node.Input[biasAt].Length > 0)
        {
            string biased = Text.Unique(node.Output[0] + "_biased", names);
            yield return Add(node.Name + "_bias", left, node.Input[biasAt], biased, BiasTag);
            left = biased;
        }

        string total = node.Output.Count > 3 && node.Output[3].Length > 0 ? node.Output[3] : Text.Unique(node.Output[0] + "_sum", names);
        yield return Add(node.Name + "_sum", left, node.Input[1], total, SumTag);
        var norm = new NodeProto
        {
            OpType = layerNorm ? "LayerNormalization" : "SimplifiedLayerNormalization",
            Name = node.Name,
            DocString = NormTag + node.DocString,
        };
        norm.Input.AddRange([total, node.Input[2]]);
        if (layerNorm && node.Input.Count > 3 && node.Input[3].Length > 0)
        {
            norm.Input.Add(node.Input[3]);
        }

        norm.Output.Add(node.Output[0]);
        norm.Attribute.AddRange(node.Attribute);
        if (norm.Attribute.All(a => a.Name != "epsilon"))
        {
            // The fused operator's default is another one than LayerNormalization's.
            norm.Attribute.Add(new AttributeProto { Name = "epsilon", Type = AttributeProto.Types.AttributeType.Float, F = 1e-12f });
        }

        yield return norm;
    }

    private static NodeProto Add(string name, string left, string right, string output, string tag)
    {
        var node = new NodeProto { OpType = "Add", Name = name, DocString = tag };
        node.Input.AddRange([left, right]);
        node.Output.Add(output);
        return node;
    }

    private static NodeProto Fused(NodeProto norm, NodeProto sum)
    {
        bool layerNorm = norm.OpType == "LayerNormalization";
        var fused = new NodeProto
        {
            OpType = layerNorm ? "SkipLayerNormalization" : "SkipSimplifiedLayerNormalization",
            Domain = "com.microsoft",
            Name = norm.Name,
            DocString = norm.DocString,
        };
        fused.Input.AddRange([sum.Input[0], sum.Input[1], .. norm.Input.Skip(1)]);
        fused.Output.Add(norm.Output[0]);

        // The attributes themselves: what is known of their exact values hangs on them.
        fused.Attribute.AddRange(norm.Attribute);
        return fused;
    }

    /// <summary>A bias that only this sum takes goes back into the operator.</summary>
    private static void TakeBias(NodeProto fused, GraphProto graph, Dictionary<string, int> makers, Dictionary<string, int> uses, HashSet<string> outputs, HashSet<int> removed)
    {
        string left = fused.Input[0];
        if (!makers.TryGetValue(left, out int at) || graph.Node[at].DocString != BiasTag || uses[left] != 1 || outputs.Contains(left))
        {
            return;
        }

        NodeProto bias = graph.Node[at];
        int place = fused.OpType == "SkipLayerNormalization" ? 4 : 3;
        while (fused.Input.Count < place)
        {
            fused.Input.Add("");
        }

        fused.Input[0] = bias.Input[0];
        fused.Input.Add(bias.Input[1]);
        removed.Add(at);
    }

    private static string Untagged(string doc) =>
        doc is SumTag or BiasTag ? "" : doc.StartsWith(NormTag, StringComparison.Ordinal) ? doc[NormTag.Length..] : doc;
}
