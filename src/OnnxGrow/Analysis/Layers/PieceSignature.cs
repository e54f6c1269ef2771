using System.Globalization;
using System.Text;
using Onnx;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis.Layers;

/// <summary>
/// A text that two pieces of a trunk share exactly where they compute the same function of the trunk's value, up to the
/// values of weights. Nodes are numbered as a walk from the result meets them, so names and file order play no part.
/// </summary>
internal static class PieceSignature
{
    public static string Of(Node from, Node to, IReadOnlyDictionary<Node, NormInstance> norms, IReadOnlySet<Value> ofStates)
    {
        var text = new StringBuilder();
        var numbers = new Dictionary<Node, int>();
        Visit(to, from, norms, ofStates, numbers, text);
        return text.ToString();
    }

    private static void Visit(Node node, Node from, IReadOnlyDictionary<Node, NormInstance> norms, IReadOnlySet<Value> ofStates, Dictionary<Node, int> numbers, StringBuilder text)
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
                    if (inputs[i] is { IsStatic: false, Elements: null, Producer: { } producer } && producer != from
                        && (producer.Index > from.Index || ofStates.Contains(inputs[i]!)) && !numbers.ContainsKey(producer))
                    {
                        work.Push((producer, false));
                    }
                }

                continue;
            }

            Append(item.Node, inputs, from, norms, ofStates, numbers, text);
            numbers.Add(item.Node, numbers.Count);
        }
    }

    private static Value?[] Inputs(Node node, IReadOnlyDictionary<Node, NormInstance> norms) =>
        norms.TryGetValue(node, out NormInstance? norm) ? [norm.Input, norm.Gain, norm.Bias] : [.. node.Inputs];

    private static void Append(Node node, Value?[] inputs, Node from, IReadOnlyDictionary<Node, NormInstance> norms, IReadOnlySet<Value> ofStates, Dictionary<Node, int> numbers, StringBuilder text)
    {
        if (norms.TryGetValue(node, out NormInstance? norm))
        {
            text.Append(CultureInfo.InvariantCulture, $"{norm.Kind}[{norm.Epsilon?.Value}](");
        }
        else
        {
            text.Append(node.Operator);
            foreach (AttributeProto a in node.Proto.Attribute.OrderBy(a => a.Name, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"[{a.Name}={a.I};{a.F};{string.Join(',', a.Ints)};{string.Join(',', a.Floats)};{a.S.ToStringUtf8()}]");
            }

            text.Append('(');
        }

        foreach (Value? input in inputs)
        {
            text.Append(input switch
            {
                null => "-",
                { Producer: { } p } when p == from => "T",
                { Elements: not null } => "S",
                { IsStatic: true } => "W" + string.Join('x', input.Axes?.Select(a => a.Extent?.ToString(CultureInfo.InvariantCulture) ?? "?") ?? []),
                { Producer: { } p } when numbers.TryGetValue(p, out int n) => string.Create(CultureInfo.InvariantCulture, $"{n}.{input.OutputIndex}"),
                { IsGraphInput: true } when ofStates.Contains(input) => "P",
                _ => "E:" + input.Name,
            });
            text.Append(' ');
        }

        text.Append(')');
    }
}
