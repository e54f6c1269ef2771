using Onnx;

namespace OnnxGrow.Analysis;

/// <summary>Which nodes read a value, and at which input.</summary>
internal sealed class GraphReaders
{
    private readonly Dictionary<string, List<(NodeProto Node, int Input)>> _readers = new(StringComparer.Ordinal);

    public GraphReaders(GraphProto graph)
    {
        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (!_readers.TryGetValue(node.Input[i], out List<(NodeProto, int)>? readers))
                {
                    _readers.Add(node.Input[i], readers = []);
                }

                readers.Add((node, i));
            }
        }
    }

    /// <summary>The readers of a value.</summary>
    public IReadOnlyList<(NodeProto Node, int Input)> Of(string value) => _readers.TryGetValue(value, out var readers) ? readers : [];

    /// <summary>The readers of a value, those of its copies (other shapes, types or orders of the same elements) in their place.</summary>
    public IEnumerable<(NodeProto Node, int Input)> Through(string value, int depth = 0)
    {
        foreach ((NodeProto node, int input) in Of(value))
        {
            if (depth < 16 && input == 0 && node.OpType is "Identity" or "Cast" or "Transpose" or "Reshape" or "Unsqueeze" or "Squeeze" or "Flatten" or "Expand")
            {
                foreach ((NodeProto Node, int Input) further in Through(node.Output[0], depth + 1))
                {
                    yield return further;
                }
            }
            else
            {
                yield return (node, input);
            }
        }
    }
}
