using System.Globalization;
using System.Text;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis.Layers;

/// <summary>
/// A text that two pieces of a trunk share exactly where they compute the same function of the trunk's value, up to the
/// values of weights. Nodes are numbered as a walk from the result meets them, so names and file order play no part.
/// </summary>
internal static class PieceSignature
{
    public static string Of(Node from, Node to, IReadOnlyDictionary<Node, NormInstance> norms, ValueForms forms)
    {
        var text = new StringBuilder();
        var numbers = new Dictionary<Node, int>();
        HashSet<Node> inside = After(from, to);
        Visit(to, from, norms, forms, inside, numbers, text);
        return text.ToString();
    }

    /// <summary>The nodes that depend on what <paramref name="from"/> makes, up to <paramref name="to"/>.</summary>
    private static HashSet<Node> After(Node from, Node to)
    {
        var found = new HashSet<Node>();
        var work = new Stack<Node>([from]);
        while (work.TryPop(out Node? node))
        {
            foreach (Value? output in node == from ? [LayerFinder.Result(from)] : node.Outputs)
            {
                foreach (Value.Use use in output?.Consumers ?? [])
                {
                    if (use.Node.Index <= to.Index && !use.Node.Is("Shape") && !use.Node.Is("Size") && found.Add(use.Node))
                    {
                        work.Push(use.Node);
                    }
                }
            }
        }

        return found;
    }

    private static void Visit(Node node, Node from, IReadOnlyDictionary<Node, NormInstance> norms, ValueForms forms, HashSet<Node> inside, Dictionary<Node, int> numbers, StringBuilder text)
    {
        // An explicit stack: a piece may be long, and a file may be hostile.
        var work = new Stack<(Node Node, bool Done)>([(node, false)]);
        while (work.TryPop(out (Node Node, bool Done) item))
        {
            if (numbers.ContainsKey(item.Node))
            {
                continue;
            }

            Value?[] inputs = Inputs(item.Node, norms);
            if (!item.Done)
            {
                work.Push((item.Node, true));
                for (int i = inputs.Length - 1; i >= 0; i--)
                {
                    if (inputs[i] is { IsStatic: false, Elements: null, Producer: { } producer } && producer != from && inside.Contains(producer) && !numbers.ContainsKey(producer))
                    {
                        work.Push((producer, false));
                    }
                }

                continue;
            }

            Append(item.Node, inputs, from, norms, forms, inside, numbers, text);
            numbers.Add(item.Node, numbers.Count);
        }
    }

    private static Value?[] Inputs(Node node, IReadOnlyDictionary<Node, NormInstance> norms) =>
        norms.TryGetValue(node, out NormInstance? norm) ? [norm.Input, norm.Gain, norm.Bias] : [.. node.Inputs];

    private static void Append(Node node, Value?[] inputs, Node from, IReadOnlyDictionary<Node, NormInstance> norms, ValueForms forms, HashSet<Node> inside, Dictionary<Node, int> numbers, StringBuilder text)
    {
        if (norms.TryGetValue(node, out NormInstance? norm))
        {
            // Layers behind which another was put have epsilons of their own (rule 4.4).
            text.Append(CultureInfo.InvariantCulture, $"{norm.Kind}(");
        }
        else
        {
            text.Append(node.Operator);
            ValueForms.AppendAttributes(node, text);
            text.Append('(');
        }

        foreach (Value? input in inputs)
        {
            text.Append(input switch
            {
                null => "-",
                { Producer: { } p } when p == from && input == LayerFinder.Result(from) => "T",
                { Elements: not null } => "S",
                { IsStatic: true } => "W" + string.Join('x', input.Axes?.Select(a => a.Extent?.ToString(CultureInfo.InvariantCulture) ?? "?") ?? []),
                { Producer: { } p } when numbers.TryGetValue(p, out int n) => string.Create(CultureInfo.InvariantCulture, $"{n}.{input.OutputIndex}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"E{forms.FormOf(input)}"),
            });
            text.Append(' ');
        }

        text.Append(')');
    }
}
