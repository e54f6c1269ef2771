using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Which values of a graph move with others, as far as small steps go.</summary>
internal static class Dependence
{
    /// <summary>Values that depend on a parameter and that some ends depend on.</summary>
    /// <param name="nodes">The nodes, in topological order.</param>
    /// <param name="ends">The values at the end: losses.</param>
    /// <param name="parameters">The values at the beginning.</param>
    /// <param name="values">What is known of the values.</param>
    public static IReadOnlySet<string> Between(
        IReadOnlyList<NodeProto> nodes, IReadOnlyCollection<string> ends, IReadOnlyCollection<string> parameters, ValueTable values)
    {
        var dependent = new HashSet<string>(parameters, StringComparer.Ordinal);
        foreach (NodeProto node in nodes)
        {
            if (!GradientTable.IsFlat(node) && Takes(node).Any(dependent.Contains))
            {
                dependent.UnionWith(node.Output.Where(o => o.Length > 0 && IsFloat(o, values)));
            }
        }

        var needed = new HashSet<string>(ends, StringComparer.Ordinal);
        foreach (NodeProto node in nodes.Reverse())
        {
            if (!GradientTable.IsFlat(node) && node.Output.Any(needed.Contains))
            {
                needed.UnionWith(Takes(node).Where(i => i.Length > 0));
            }
        }

        dependent.IntersectWith(needed);
        return dependent;
    }

    /// <summary>The parameters among them.</summary>
    /// <param name="nodes">The nodes, in topological order.</param>
    /// <param name="ends">The values at the end: losses.</param>
    /// <param name="parameters">The values at the beginning.</param>
    /// <param name="values">What is known of the values.</param>
    public static IReadOnlySet<string> Reaching(
        IReadOnlyList<NodeProto> nodes, IReadOnlyCollection<string> ends, IReadOnlyCollection<string> parameters, ValueTable values) =>
        Between(nodes, ends, parameters, values).Intersect(parameters).ToHashSet(StringComparer.Ordinal);

    /// <summary>What a node reads: its inputs, and what graphs inside it take from outside.</summary>
    public static IEnumerable<string> Takes(NodeProto node) => node.Input.Concat(CapturedNames.Of(node));

    /// <summary>A value that the trial run did not show (a sequence) may hold floats.</summary>
    private static bool IsFloat(string value, ValueTable values) => !values.Knows(value) || ElementTypes.IsGrowable(values.TypeOf(value));
}
