using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>Who uses which value in a model's main graph, and what the file says of its extents.</summary>
internal sealed class GraphUses
{
    private readonly GraphReaders _readers;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _dims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);
    private readonly OnnxModel _model;

    public GraphUses(OnnxModel model)
    {
        _model = model;
        GraphProto graph = model.Proto.Graph;
        _readers = new GraphReaders(graph);
        foreach (TensorProto tensor in graph.Initializer)
        {
            _constants[tensor.Name] = tensor;
        }

        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output)
            {
                _producers[output] = node;
            }

            if (node.OpType == "Constant" && node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } tensor)
            {
                _constants[node.Output[0]] = tensor;
            }
        }

        foreach (ValueInfoProto value in graph.ValueInfo.Concat(graph.Output))
        {
            if (value.Type?.TensorType?.Shape is { } shape)
            {
                _dims[value.Name] = [.. shape.Dim.Select(d => d.HasDimValue ? d.DimValue : -1)];
            }
        }
    }

    public IEnumerable<NodeProto> Nodes => _model.Proto.Graph.Node;

    public IReadOnlyList<(NodeProto Node, int Input)> Of(string name) => _readers.Of(name);

    /// <summary>The constant tensor that a value is, looking through what does not change its rows; else null.</summary>
    public TensorProto? Constant(string name)
    {
        for (int hops = 0; hops < 8; hops++)
        {
            if (_constants.TryGetValue(name, out TensorProto? tensor))
            {
                return tensor;
            }

            if (!_producers.TryGetValue(name, out NodeProto? node) || node.OpType is not ("Identity" or "Cast"))
            {
                return null;
            }

            name = node.Input[0];
        }

        return null;
    }

    /// <summary>Whether a value holds several constants, as they stand or repeated.</summary>
    public bool IsListOfConstants(string name)
    {
        for (int hops = 0; hops < 16; hops++)
        {
            if (_constants.TryGetValue(name, out TensorProto? tensor))
            {
                return Tensors.CountOf(tensor) > 1;
            }

            if (!_producers.TryGetValue(name, out NodeProto? node)
                || node.OpType is not ("Identity" or "Cast" or "Expand" or "Unsqueeze" or "Squeeze" or "Reshape" or "Transpose"))
            {
                return false;
            }

            name = node.Input[0];
        }

        return false;
    }

    /// <summary>Extents, -1 where not fixed; null where the file does not tell.</summary>
    public long[]? DimsOf(string name) => Constant(name) is { } tensor ? [.. tensor.Dims] : _dims.GetValueOrDefault(name);

    /// <summary>The one number that a constant holds; null where it is none.</summary>
    public double? Scalar(string name)
    {
        if (Constant(name) is not { } tensor || Tensors.CountOf(tensor) != 1)
        {
            return null;
        }

        Span<double> value = stackalloc double[1];
        _model.DataOf(tensor).ReadDoubles(0, value);
        return value[0];
    }
}
