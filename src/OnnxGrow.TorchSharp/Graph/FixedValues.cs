using System.Collections.Frozen;
using Onnx;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>
/// Which values of a graph depend on nothing but the extents of its inputs: shapes, and what is made of them, such as positions and
/// causal masks. They are computed once for every set of extents.
/// </summary>
internal static class FixedValues
{
    /// <summary>Operators whose outputs have extents that depend on the elements of these inputs; null for those of all.</summary>
    private static readonly FrozenDictionary<string, int[]?> ShapedBy = new Dictionary<string, int[]?>(StringComparer.Ordinal)
    {
        ["ConstantOfShape"] = null,
        ["Expand"] = [1],
        ["NonZero"] = null,
        ["OneHot"] = [1],
        ["Pad"] = [1, 3],
        ["Range"] = null,
        ["Reshape"] = [1],
        ["Slice"] = [1, 2, 3, 4],
        ["Split"] = [1],
        ["Squeeze"] = [1],
        ["Tile"] = [1],
        ["TopK"] = [1],
        ["Unsqueeze"] = [1],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The places of the nodes that make such values.</summary>
    /// <param name="nodes">The nodes, in order.</param>
    /// <param name="given">Inputs and weights.</param>
    /// <param name="constants">The graph's constants.</param>
    public static HashSet<int> Of(IReadOnlyList<NodeProto> nodes, IEnumerable<string> given, GraphConstants constants)
    {
        var shaped = given.ToHashSet(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        var places = new HashSet<int>();
        bool Known(string value) => value.Length == 0 || known.Contains(value) || constants.Has(value);
        for (int i = 0; i < nodes.Count; i++)
        {
            NodeProto node = nodes[i];
            if (node.Attribute.Any(a => a.G is not null) || !node.Input.All(v => Known(v) || shaped.Contains(v)))
            {
                continue;
            }

            if (node.OpType is "Shape" or "Size" || node.Input.All(Known))
            {
                known.UnionWith(node.Output);
                places.Add(i);
            }
            else if (!By(node).All(v => Known(node.Input[v])))
            {
                continue;
            }

            shaped.UnionWith(node.Output);
        }

        return places;
    }

    private static IEnumerable<int> By(NodeProto node)
    {
        IEnumerable<int> all = Enumerable.Range(0, node.Input.Count);
        return node.OpType.StartsWith("Reduce", StringComparison.Ordinal) ? all.Skip(1)
            : !ShapedBy.TryGetValue(node.OpType, out int[]? inputs) ? []
            : inputs is null ? all : all.Intersect(inputs);
    }
}
