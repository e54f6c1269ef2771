using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Precision;

/// <summary>
/// Mixed precision: in a finished training graph the products of matrices read and write a narrow type, everything else stays as it is.
/// Each product is put between casts; what only moves elements between two products (a transposition, a reshape) is moved in the narrow
/// type, since rounding first or last is the same; and a value is cast once, however many products read it.
/// </summary>
/// <param name="Type">Float16 or bfloat16.</param>
/// <param name="Kinds">The operators that compute in it.</param>
internal sealed record NarrowProducts(ElementType Type, IReadOnlySet<string> Kinds)
{
    /// <summary>Products of matrices, with their weights and their gradients: what a GPU has matrix units for.</summary>
    public static IReadOnlyList<string> Products { get; } = ["MatMul", "Gemm", "Conv", "ConvTranspose", "Einsum"];

    /// <summary>What changes no element.</summary>
    private static readonly HashSet<string> Moves = ["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"];

    /// <summary>What reads no elements.</summary>
    private static readonly HashSet<string> Extents = ["Shape", "Size"];

    /// <summary>Rewrites a graph.</summary>
    /// <param name="writer">Has written the graph, whose nodes are in topological order.</param>
    /// <param name="weights">The weights. What does not depend on them (angles of positions, masks) stays as it is.</param>
    public void Run(GraphWriter writer, IEnumerable<string> weights)
    {
        GraphProto graph = writer.Graph;
        NodeProto[] nodes = [.. graph.Node];
        HashSet<NodeProto> products = ProductsOf(nodes, weights);
        HashSet<string> narrow = OnlyNarrow(graph, nodes, products);
        var casts = new Dictionary<string, string>(StringComparer.Ordinal);
        graph.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            if (products.Contains(node))
            {
                for (int i = 0; i < node.Input.Count; i++)
                {
                    node.Input[i] = Narrow(writer, node.Input[i], narrow, casts);
                }

                string output = node.Output[0];
                if (narrow.Contains(output))
                {
                    graph.Node.Add(node);
                    continue;
                }

                string rounded = writer.Fresh(node.OpType + "/narrow");
                casts[output] = node.Output[0] = rounded;
                graph.Node.Add(node);
                Cast(graph, writer, rounded, output, writer.FloatType);
            }
            else if (IsMove(node) && narrow.Contains(node.Output[0]))
            {
                node.Input[0] = Narrow(writer, node.Input[0], narrow, casts);
                graph.Node.Add(node);
            }
            else
            {
                graph.Node.Add(node);
            }
        }
    }

    /// <summary>Products of floats that depend on weights.</summary>
    private HashSet<NodeProto> ProductsOf(NodeProto[] nodes, IEnumerable<string> weights)
    {
        var dependent = new HashSet<string>(weights, StringComparer.Ordinal);
        var products = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in nodes.Where(n => !GradientTable.IsFlat(n) && Dependence.Takes(n).Any(dependent.Contains)))
        {
            if (node.OpType == "Cast" && node.Attribute.First(a => a.Name == "to").I != (long)ElementType.Float32)
            {
                // Computed in another type from here on, on the model's own wish.
                continue;
            }

            dependent.UnionWith(node.Output);
            if (Kinds.Contains(node.OpType) && OperatorNames.DomainOf(node).Length == 0)
            {
                products.Add(node);
            }
        }

        return products;
    }

    /// <summary>Values that products write or what is moved for them, and that nothing but products reads.</summary>
    private static HashSet<string> OnlyNarrow(GraphProto graph, NodeProto[] nodes, HashSet<NodeProto> products)
    {
        // From the back: a value is narrow if all its readers take it so.
        var wide = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var narrow = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeProto node in nodes.Reverse())
        {
            bool product = products.Contains(node);
            bool moves = IsMove(node) && IsNarrow(node.Output[0]);
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (product || (moves && i == 0))
                {
                    narrow.Add(node.Input[i]);
                }
                else if (!Extents.Contains(node.OpType))
                {
                    wide.Add(node.Input[i]);
                }
            }

            wide.UnionWith(Analysis.CapturedNames.Of(node));
        }

        HashSet<string> written = [.. nodes.Where(n => products.Contains(n) || IsMove(n)).Select(n => n.Output[0])];
        narrow.IntersectWith(written);
        narrow.ExceptWith(wide);
        return narrow;

        bool IsNarrow(string value) => narrow.Contains(value) && !wide.Contains(value);
    }

    private static bool IsMove(NodeProto node) => OperatorNames.DomainOf(node).Length == 0 && Moves.Contains(node.OpType);

    private string Narrow(GraphWriter writer, string value, HashSet<string> narrow, Dictionary<string, string> casts)
    {
        if (value.Length == 0 || narrow.Contains(value))
        {
            return value;
        }

        if (!casts.TryGetValue(value, out string? cast))
        {
            casts.Add(value, cast = writer.Fresh("narrow"));
            Cast(writer.Graph, writer, value, cast, Type);
        }

        return cast;
    }

    private static void Cast(GraphProto graph, GraphWriter writer, string from, string to, ElementType type)
    {
        var node = new NodeProto { OpType = "Cast", Name = writer.Fresh("Cast_node"), Input = { from }, Output = { to } };
        node.Attribute.Add(Attributes.Of("to", (long)type));
        graph.Node.Add(node);
    }
}
