using OnnxGrow.Runtime.Kernels;

namespace OnnxGrow.Training.Fusion;

/// <summary>
/// Computes cheap values once more where they are read, from one value that is kept anyway: a sum with a bias, a product with a number. Reading a
/// value from memory takes longer than such a step, and what is not kept needs no memory until the backward pass.
/// </summary>
/// <param name="graph">The graph, its groups formed.</param>
/// <param name="fusible">Its nodes.</param>
internal sealed class Recomputation(FusionGraph graph, IReadOnlyList<FusibleNode?> fusible)
{
    private const int MostSteps = 8;

    /// <summary>Adds such nodes to the groups that read what they make.</summary>
    public void Run()
    {
        foreach (FusionGroup group in graph.Groups.OfType<FusionGroup>().Distinct())
        {
            foreach (string value in group.Members.SelectMany(m => graph.Nodes[m].Input).Distinct().ToArray())
            {
                int producer = graph.ProducerOf(value);
                if (producer >= 0 && graph.Groups[producer] is { } other && other != group && other.Space.SequenceEqual(group.Space) && !IsKept(producer))
                {
                    var steps = new HashSet<int>();
                    var kept = new HashSet<string>(StringComparer.Ordinal);
                    if (Follow(producer, other, steps, kept) && kept.Count == 1)
                    {
                        group.Again.UnionWith(steps);
                    }
                }
            }
        }
    }

    /// <summary>Whether somebody needs the value in memory in any case.</summary>
    private bool IsKept(int node) => graph.Nodes[node].Output.Any(graph.Outputs.Contains) || graph.ReadersOf(node).Any(r => graph.Groups[r] is null);

    private bool Follow(int node, FusionGroup group, HashSet<int> steps, HashSet<string> kept)
    {
        FusibleNode known = fusible[node]!;
        if (!known.IsCheap || known.IsRow || IsKept(node) || steps.Count >= MostSteps)
        {
            return false;
        }

        steps.Add(node);
        foreach (string input in known.Node.Input)
        {
            int producer = graph.ProducerOf(input);
            bool further = producer >= 0 && graph.Groups[producer] == group && !steps.Contains(producer) && Follow(producer, group, steps, kept);
            if (!further && !steps.Contains(producer) && known.SpreadIn(input, group.Space) == BlockInput.Full)
            {
                kept.Add(input);
            }
        }

        return true;
    }
}
