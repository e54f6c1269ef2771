namespace OnnxGrow.Analysis.Norms;

/// <summary>
/// Finds the norms of a graph: the operators themselves, and any group of nodes that computes
/// <c>(x - mean x) / sqrt(var x + eps) * gain + bias</c> or <c>x / sqrt(mean x^2 + eps) * gain + bias</c> over the last
/// axis. A group is recognised by algebra, not by the order of its nodes.
/// </summary>
internal static class NormFinder
{
    public static IReadOnlyList<NormInstance> Find(Graph graph)
    {
        var found = new List<NormInstance>();
        var taken = new HashSet<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (taken.Contains(node))
            {
                continue;
            }

            NormInstance? norm = FusedNorm.Match(node);
            if (norm is null && StartsNorm(node))
            {
                Value? start = node.Input(0);
                norm = start is null ? null : DecomposedNorm.Match(start, node, graph, taken);
                if (norm is null && start?.Producer is { } square && (square.Is("Pow") || square.Is("Mul")) && square.Input(0) is { } x)
                {
                    norm = DecomposedNorm.Match(x, node, graph, taken);
                }
            }

            if (norm is not null)
            {
                found.Add(norm);
                taken.UnionWith(norm.Nodes);
            }
        }

        return found;
    }

    private static bool StartsNorm(Node node) => node.Is("ReduceMean") && DecomposedNorm.ReducedAxis(node) is not null;
}
