namespace OnnxGrow.Training.Fusion;

/// <summary>Decides which nodes are computed at once: those that hand each other whole rows, then those that read the same.</summary>
/// <param name="graph">The graph.</param>
/// <param name="fusible">Its nodes that can be joined; null for the others.</param>
internal sealed class GroupFormation(FusionGraph graph, IReadOnlyList<FusibleNode?> fusible)
{
    /// <summary>Joins what can be joined; groups of one node, and those that make whole tensors of parts alone, are dissolved.</summary>
    public void Run()
    {
        for (int i = 0; i < fusible.Count; i++)
        {
            if (fusible[i] is { } node)
            {
                JoinProducers(i, node);
            }
        }

        for (int i = 0; i < fusible.Count; i++)
        {
            JoinReaders(graph.ReadersOf(i));
        }

        foreach (IReadOnlyList<int> readers in ReadersOfInputs())
        {
            JoinReaders(readers);
        }

        for (int i = 0; i < fusible.Count; i++)
        {
            if (graph.Groups[i] is { } group && (group.Members.Count == 1 || !TakesWhole(group)))
            {
                foreach (int member in group.Members)
                {
                    graph.Groups[member] = null;
                }
            }
        }
    }

    /// <summary>Whether an input has all the elements that are computed: the program takes its extents from it.</summary>
    private bool TakesWhole(FusionGroup group) => group.Members.Any(m => graph.Nodes[m].Input.Any(i =>
        (graph.ProducerOf(i) is var p && (p < 0 || graph.Groups[p] != group)) && fusible[m]!.NumberOf(i) is null && fusible[m]!.SpreadIn(i, group.Space) == Runtime.Kernels.BlockInput.Full));

    private void JoinProducers(int index, FusibleNode node)
    {
        FusionGroup[] before = [.. node.Node.Input.Select(graph.ProducerOf).Where(p => p >= 0).Select(p => graph.Groups[p]).OfType<FusionGroup>().Distinct().Where(g => node.Fits(g.Space) && IsForward(g) == index < graph.ForwardNodes)];
        if (before.Length == 0 && (node.IsRow || !node.Fits(node.Space)))
        {
            return;
        }

        long[] space = before.Length > 0 ? before[0].Space : node.Space;
        var all = new HashSet<int> { index };
        var joined = new List<FusionGroup>();
        foreach (FusionGroup group in before.Where(g => g.Space.SequenceEqual(space)))
        {
            HashSet<int> wider = [.. all, .. group.Members];
            if (graph.CanJoin(wider, index))
            {
                all = wider;
                joined.Add(group);
            }
        }

        if (joined.Count > 0 || (!node.IsRow && node.Fits(node.Space)))
        {
            Assign(all, joined.Count > 0 ? space : node.Space);
        }
    }

    /// <summary>What the backward pass alone needs is not computed before it: it would have to be kept until then.</summary>
    private bool IsForward(FusionGroup group) => group.Members.Min < graph.ForwardNodes;

    private void JoinReaders(IReadOnlyList<int> readers)
    {
        FusionGroup[] groups = [.. readers.Select(r => graph.Groups[r]).OfType<FusionGroup>().Distinct()];
        for (int g = 1; g < groups.Length; g++)
        {
            // An earlier round may have joined them already.
            (FusionGroup a, FusionGroup b) = (graph.Groups[groups[g - 1].Members.Min]!, graph.Groups[groups[g].Members.Min]!);
            HashSet<int> all = [.. a.Members, .. b.Members];
            if (a != b && IsForward(a) == IsForward(b) && a.Space.SequenceEqual(b.Space) && graph.CanJoin(all, graph.Nodes.Count))
            {
                Assign(all, a.Space);
            }
        }
    }

    private IEnumerable<IReadOnlyList<int>> ReadersOfInputs() =>
        from i in Enumerable.Range(0, graph.Nodes.Count)
        where graph.Groups[i] is not null
        from value in graph.Nodes[i].Input.Distinct()
        where graph.ProducerOf(value) < 0
        group i by value into readers
        select (IReadOnlyList<int>)[.. readers];

    private void Assign(IEnumerable<int> members, long[] space)
    {
        var group = new FusionGroup(space);
        foreach (int member in members)
        {
            group.Members.Add(member);
            graph.Groups[member] = group;
        }
    }
}
