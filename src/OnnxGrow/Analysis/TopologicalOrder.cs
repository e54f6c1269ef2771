using Onnx;

namespace OnnxGrow.Analysis;

/// <summary>
/// The order in which a graph's nodes can be computed. ONNX asks for it in the file, but optimizers have written others, and
/// runtimes accept them.
/// </summary>
internal static class TopologicalOrder
{
    /// <summary>Indices of the nodes; the file's own order as far as it serves.</summary>
    /// <exception cref="BadInputException">The nodes use one another's results in a circle.</exception>
    public static int[] Of(GraphProto graph)
    {
        var producer = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string output in graph.Node[i].Output)
            {
                producer.TryAdd(output, i);
            }
        }

        int count = graph.Node.Count;
        var waiting = new int[count];
        var users = new List<int>[count];
        bool sorted = true;
        for (int i = 0; i < count; i++)
        {
            foreach (string input in graph.Node[i].Input.Concat(CapturedNames.Of(graph.Node[i])))
            {
                if (input.Length > 0 && producer.TryGetValue(input, out int before) && before != i)
                {
                    (users[before] ??= []).Add(i);
                    waiting[i]++;
                    sorted &= before < i;
                }
            }
        }

        if (sorted)
        {
            return [.. Enumerable.Range(0, count)];
        }

        var ready = new SortedSet<int>(Enumerable.Range(0, count).Where(i => waiting[i] == 0));
        var order = new List<int>(count);
        while (ready.Count > 0)
        {
            int next = ready.Min;
            ready.Remove(next);
            order.Add(next);
            foreach (int user in users[next] ?? [])
            {
                if (--waiting[user] == 0)
                {
                    ready.Add(user);
                }
            }
        }

        if (order.Count < count)
        {
            NodeProto stuck = graph.Node[Array.FindIndex(waiting, w => w > 0)];
            throw new BadInputException(
                ErrorCode.Graph, $"node '{Text.Name(stuck.Name)}' ({Text.Name(stuck.OpType)}) waits for a result that waits for it: the graph has a cycle");
        }

        return [.. order];
    }
}
