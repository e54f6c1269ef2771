using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis.Layers;

/// <summary>
/// The trunks of a model: for each place where a stream starts, the nodes that everything passes from there to the main
/// output. Residual sums and Post-LN norms lie on it, attention and feed-forward branches do not. A norm counts as one
/// node. An encoder-decoder has two trunks, and so have two towers; what a later one shares with an earlier is the
/// earlier's.
/// </summary>
internal static class PostDominators
{
    /// <summary>The nodes of every trunk, in order; the last one of a trunk may be where it joins another.</summary>
    public static List<List<Node>> Trunks(Graph graph, IReadOnlyList<NormInstance> norms, Func<Value, bool> isHidden)
    {
        var region = new Dictionary<Node, Node>();
        foreach (NormInstance norm in norms)
        {
            foreach (Node node in norm.Nodes)
            {
                region[node] = norm.Last;
            }
        }

        Node Vertex(Node node) => region.GetValueOrDefault(node, node);
        Node? sink = MainOutput(graph, Vertex);
        if (sink is null)
        {
            return [];
        }

        // Reverse topological order; the sink first.
        var reaches = new HashSet<Node> { sink };
        var next = new Dictionary<Node, Node>();
        var entries = new List<Node>();
        for (int i = sink.Index - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (Vertex(node) != node || !CarriesData(node))
            {
                continue;
            }

            Node? meet = null;
            bool any = false;
            foreach (Node consumer in Consumers(node, region))
            {
                if (consumer == node || !reaches.Contains(consumer))
                {
                    continue;
                }

                meet = any ? Intersect(meet!, consumer, next) : consumer;
                any = true;
            }

            if (any)
            {
                reaches.Add(node);
                next[node] = meet!;
            }
        }

        // The stream starts where a value has its width and nothing before it has.
        var behind = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
        {
            bool follows = CarriesData(node) && node.Inputs.Any(i => i is not null && behind.Contains(i));
            bool starts = !follows && node.Outputs.Any(o => o is not null && isHidden(o));
            if (starts && reaches.Contains(Vertex(node)))
            {
                entries.Add(Vertex(node));
            }

            if (follows || starts)
            {
                behind.UnionWith(node.Outputs.Where(o => o is not null)!);
            }
        }

        return Share(entries, next);
    }

    private static List<Node> Way(Node entry, Dictionary<Node, Node> next)
    {
        var way = new List<Node>();
        for (Node? at = entry; at is not null; at = next.GetValueOrDefault(at))
        {
            way.Add(at);
        }

        return way;
    }

    /// <summary>
    /// Where two ways join, the rest is the stream's that the join is a residual sum of: a decoder's, not the encoder's whose
    /// states its attention looks at. Where it is neither's (embeddings that are added up), it is the first one's.
    /// </summary>
    private static List<List<Node>> Share(List<Node> entries, Dictionary<Node, Node> next)
    {
        var ways = new List<List<Node>>();
        var members = new List<HashSet<Node>>();
        foreach (Node entry in entries)
        {
            int i = ways.Count;
            ways.Add(Way(entry, next));
            members.Add([.. ways[i]]);
            for (int j = 0; j < i; j++)
            {
                int at = ways[i].FindIndex(members[j].Contains);
                if (at <= 0)
                {
                    continue;
                }

                Node join = ways[i][at];
                int there = ways[j].IndexOf(join);
                bool cut = there == 0 || IsSkip(ways[j][there - 1], join) || !IsSkip(ways[i][at - 1], join);
                List<Node> loser = cut ? ways[i] : ways[j];
                int end = (cut ? at : there) + 1;
                members[cut ? i : j].ExceptWith(loser.Skip(end));
                loser.RemoveRange(end, loser.Count - end);
            }
        }

        return ways;
    }

    /// <summary>Whether a sum takes a node's result both as it is and by way of a block.</summary>
    private static bool IsSkip(Node from, Node sum)
    {
        Node?[] producers = [.. sum.Inputs.Select(i => i?.Producer)];
        return producers.Contains(from) && producers.Any(p => p is not null && p != from && LeadsTo(from, p));
    }

    /// <summary>Whether what a node computes goes into another node's result.</summary>
    private static bool LeadsTo(Node from, Node to)
    {
        var seen = new HashSet<Node> { to };
        var open = new Stack<Node>(seen);
        while (open.TryPop(out Node? node))
        {
            if (node == from)
            {
                return true;
            }

            foreach (Value? input in node.Inputs)
            {
                if (input?.Producer is { } producer && producer.Index >= from.Index && seen.Add(producer))
                {
                    open.Push(producer);
                }
            }
        }

        return false;
    }

    private static Node Intersect(Node a, Node b, Dictionary<Node, Node> next)
    {
        while (a != b)
        {
            if (a.Index < b.Index)
            {
                a = next[a];
            }
            else
            {
                b = next[b];
            }
        }

        return a;
    }

    private static IEnumerable<Node> Consumers(Node node, Dictionary<Node, Node> region)
    {
        foreach (Value? output in node.Outputs)
        {
            foreach (Value.Use use in output?.Consumers ?? [])
            {
                Node vertex = region.GetValueOrDefault(use.Node, use.Node);
                if (CarriesData(vertex) || region.ContainsKey(use.Node))
                {
                    yield return vertex;
                }
            }
        }
    }

    /// <summary>Nodes that read only sizes, or compute with them, pass no data on.</summary>
    private static bool CarriesData(Node node) =>
        !node.Is("Shape") && !node.Is("Size") && !(node.Output(0) is { Elements: not null });

    /// <summary>The output that is computed last: heads on intermediate layers are not the main one.</summary>
    private static Node? MainOutput(Graph graph, Func<Node, Node> vertex)
    {
        var depth = new Dictionary<Node, int>();
        foreach (Node node in graph.Nodes)
        {
            int deepest = 0;
            foreach (Value? input in node.Inputs)
            {
                if (input?.Producer is { } producer)
                {
                    deepest = Math.Max(deepest, depth[producer]);
                }
            }

            depth[node] = deepest + 1;
        }

        Node? main = graph.Outputs.Where(o => o.Producer is not null).Select(o => o.Producer!).MaxBy(n => depth[n]);
        return main is null ? null : vertex(main);
    }
}
