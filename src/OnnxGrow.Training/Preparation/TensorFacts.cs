using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>What a graph says of its values without being run: declared types and ranks, constants.</summary>
internal sealed class TensorFacts
{
    private readonly TensorFacts? _outer;
    private readonly Dictionary<string, (ElementType Type, int? Rank)> _declared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);

    /// <param name="outer">The facts of the graph around it.</param>
    /// <param name="graph">The graph.</param>
    public TensorFacts(TensorFacts? outer, GraphProto graph)
    {
        _outer = outer;
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            if (value.Type?.TensorType is { } tensor)
            {
                _declared[value.Name] = ((ElementType)tensor.ElemType, tensor.Shape?.Dim.Count);
            }
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            _declared[tensor.Name] = ((ElementType)tensor.DataType, tensor.Dims.Count);
            _constants[tensor.Name] = tensor;
        }
    }

    /// <summary>Notes what a node makes, where that is plain.</summary>
    public void Note(NodeProto node)
    {
        if (node.OpType == "Constant" && ConstantNode.TensorOf(node) is { } tensor)
        {
            _declared[node.Output[0]] = ((ElementType)tensor.DataType, tensor.Dims.Count);
            _constants[node.Output[0]] = tensor;
        }
    }

    /// <summary>A value's declared element type; undefined where none is.</summary>
    public ElementType TypeOf(string name) =>
        _declared.TryGetValue(name, out var value) ? value.Type : _outer?.TypeOf(name) ?? ElementType.Undefined;

    /// <summary>A value's declared rank; null where none is.</summary>
    public int? RankOf(string name) => _declared.TryGetValue(name, out var value) ? value.Rank : _outer?.RankOf(name);

    /// <summary>A constant; null where a value is computed.</summary>
    public TensorProto? ConstantOf(string name) => _constants.TryGetValue(name, out TensorProto? tensor) ? tensor : _outer?.ConstantOf(name);
}
