using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>The single numbers that stand in a graph, in initializers and Constant nodes, but not in inputs that may replace them.</summary>
internal sealed class Constants
{
    private readonly OnnxModel _model;
    private readonly Dictionary<string, TensorProto> _tensors = new(StringComparer.Ordinal);

    public Constants(OnnxModel model)
    {
        _model = model;
        foreach (TensorProto tensor in model.Proto.Graph.Initializer)
        {
            Add(tensor);
        }

        foreach (ValueInfoProto input in model.Proto.Graph.Input)
        {
            _tensors.Remove(input.Name);
        }

        AddNodes(model.Proto.Graph);
    }

    /// <summary>Adds an initializer.</summary>
    public void Add(TensorProto tensor) => _tensors[tensor.Name] = tensor;

    /// <summary>Adds the Constant nodes of a graph.</summary>
    public void AddNodes(GraphProto graph)
    {
        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType == "Constant" && node.Output.Count == 1 && ConstantNode.TensorOf(node) is { } tensor)
            {
                _tensors[node.Output[0]] = tensor;
            }
        }
    }

    /// <summary>The number that a value is; null where it is computed, or several.</summary>
    public double? NumberOf(string name)
    {
        if (!_tensors.TryGetValue(name, out TensorProto? tensor) || !ElementTypes.HasDoubles((ElementType)tensor.DataType) || Tensors.CountOf(tensor) != 1)
        {
            return null;
        }

        Span<double> number = stackalloc double[1];
        _model.DataOf(tensor).ReadDoubles(0, number);
        return number[0];
    }

    /// <summary>The extents of a constant.</summary>
    public long[]? DimsOf(string name) => _tensors.TryGetValue(name, out TensorProto? tensor) ? [.. tensor.Dims] : null;
}
