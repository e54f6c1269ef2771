using System.Globalization;
using OnnxGrow.Analysis.Layers;

namespace OnnxGrow.Analysis;

/// <summary>What kind of transformer a model is, in words.</summary>
internal static class ModelFamily
{
    /// <summary>Says it: "encoder (full attention) on images".</summary>
    public static string Of(ModelMap map)
    {
        if (map.Hidden is null && map.Layers.Count == 0)
        {
            return "no transformer found";
        }

        bool tokens = map.Of(DimensionRole.Vocabulary).Any();
        bool image = map.Graph.Nodes.Any(n => n.Is("Conv") && n.Input(0) is { IsGraphInput: true, Axes.Length: 4 });
        string on = tokens && image ? "on token ids and images" : tokens ? "on token ids" : image ? "on images" : "on features";
        if (map.Flow.Attentions.Count == 0)
        {
            return $"residual network {on} (no attention found)";
        }

        Layer[][] stacks = [.. map.Layers.GroupBy(l => l.Stack).Select(g => g.ToArray())];
        // Stacks that go on where another ends (stages, a first layer that is written otherwise) are one.
        HashSet<Node> behindAny = Behind(stacks.Select(s => s[^1].Output));
        int[] open = [.. Enumerable.Range(0, stacks.Length).Where(i => !behindAny.Contains(Start(stacks[i])))];
        if (open.Length < 2)
        {
            return $"{Alone(AttentionMask.Of(map.Graph.Nodes, map.Graph))} {on}";
        }

        Dictionary<int, HashSet<Node>> behind = open.ToDictionary(i => i, i => Behind([stacks[i][^1].Output]));
        MaskKind[] masks = [.. open.Select(i => AttentionMask.Of(stacks[i].SelectMany(l => l.Nodes), map.Graph))];
        bool crossed = open.Any(i => stacks[i].Any(l => l.Nodes.Any(n => open.Any(o => o != i && behind[o].Contains(n)))));
        return crossed
            ? $"encoder-decoder ({string.Join(", then ", masks.Select(Words))}) {on}"
            : string.Create(CultureInfo.InvariantCulture, $"{open.Length} towers ({string.Join("; ", masks.Select(Words))}) {on}");
    }

    private static string Alone(MaskKind mask) => mask switch
    {
        MaskKind.Causal => "decoder (causal attention)",
        MaskKind.Given => "transformer (attention masked by an input)",
        _ => "encoder (full attention)",
    };

    private static string Words(MaskKind mask) => mask switch
    {
        MaskKind.Causal => "causal attention",
        MaskKind.Given => "attention masked by an input",
        _ => "full attention",
    };

    // The node that gives the stream of a stack's first layer; the first node of that layer where none does.
    private static Node Start(Layer[] stack) => stack[0].Input.Producer ?? stack[0].Nodes[0];

    private static HashSet<Node> Behind(IEnumerable<Value> values)
    {
        var seen = new HashSet<Node>();
        foreach (Value value in values)
        {
            seen.UnionWith(value.Consumers.Select(u => u.Node));
            if (value.Producer is { } own)
            {
                seen.Add(own);
            }
        }

        var open = new Stack<Node>(seen);
        while (open.TryPop(out Node? node))
        {
            foreach (Node next in node.Outputs.OfType<Value>().SelectMany(o => o.Consumers).Select(u => u.Node))
            {
                if (seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return seen;
    }
}
