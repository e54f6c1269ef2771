using Onnx;

namespace OnnxGrow.Training.Fusion;

/// <summary>The nodes of a graph, who makes and who reads each value, and which nodes are joined so far.</summary>
internal sealed class FusionGraph
{
    /// <summary>Nodes that are looked at when a circle is searched for; what is farther apart is not joined.</summary>
    private const int Reach = 2000;

    private readonly Dictionary<string, int> _producers = new(StringComparer.Ordinal);
    private readonly List<int>[] _readers;

    /// <param name="graph">The graph.</param>
    /// <param name="isOfModel">Whether a value is the model's own.</param>
    public FusionGraph(GraphProto graph, Func<string, bool> isOfModel)
    {
        Nodes = [.. graph.Node];
        Outputs = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        Groups = new FusionGroup?[Nodes.Count];
        ForwardNodes = 1 + Enumerable.Range(0, Nodes.Count).LastOrDefault(i => Nodes[i].Output.Any(isOfModel), -1);
        _readers = [.. Nodes.Select(_ => new List<int>())];
        for (int i = 0; i < Nodes.Count; i++)
        {
            foreach (int producer in Nodes[i].Input.Select(ProducerOf).Where(p => p >= 0).Distinct())
            {
                _readers[producer].Add(i);
            }

            foreach (string output in Nodes[i].Output.Where(o => o.Length > 0))
            {
                _producers[output] = i;
            }
        }
    }

    /// <summary>The nodes, in the order in which they are computed.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>How many nodes of the forward pass there are, which come first; none in a graph without a model.</summary>
    public int ForwardNodes { get; }

    /// <summary>The graph's outputs.</summary>
    public IReadOnlySet<string> Outputs { get; }

    /// <summary>The group that each node is in.</summary>
    public FusionGroup?[] Groups { get; }

    /// <summary>The node that makes a value; -1 for inputs and constants.</summary>
    public int ProducerOf(string value) => _producers.GetValueOrDefault(value, -1);

    /// <summary>The nodes that read what a node makes.</summary>
    public IReadOnlyList<int> ReadersOf(int node) => _readers[node];

    /// <summary>Whether nodes can be computed at once: nothing between them needs one and is needed by another.</summary>
    /// <param name="members">The nodes.</param>
    /// <param name="last">Nodes from here on are in no group yet, except for it itself: no way leads back from them.</param>
    public bool CanJoin(HashSet<int> members, int last)
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>();
        Open(members.SelectMany(ReadersOf).Where(r => !members.Contains(r)));
        while (seen.Count <= Reach && open.TryPop(out int node))
        {
            IEnumerable<int> unit = Groups[node] is { } group ? group.Members : [node];
            seen.UnionWith(unit);
            int[] readers = [.. unit.SelectMany(ReadersOf)];
            if (readers.Any(members.Contains))
            {
                return false;
            }

            Open(readers);
        }

        return seen.Count <= Reach;

        void Open(IEnumerable<int> readers)
        {
            foreach (int reader in readers.Where(r => r < last && seen.Add(r)))
            {
                open.Push(reader);
            }
        }
    }
}
