using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>What is known of the values of one graph, subgraph or function body: types, extents, small constants.</summary>
internal sealed class ValueScope(ValueScope? outer, long opset)
{
    private readonly Dictionary<string, ElementType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _dims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);

    /// <summary>Version of the default operator set; a function may import another than the model.</summary>
    public long Opset { get; } = opset;

    /// <summary>The scope of a graph; a subgraph sees the values around it.</summary>
    public static ValueScope Of(GraphProto graph, ValueScope? outer, long opset)
    {
        var scope = new ValueScope(outer, opset);
        foreach (TensorProto tensor in graph.Initializer)
        {
            scope.SetConstant(tensor.Name, tensor);
        }

        scope.Declare(graph.Input.Concat(graph.Output).Concat(graph.ValueInfo));
        return scope;
    }

    /// <summary>Takes types and extents from declarations; what is known already stays.</summary>
    public void Declare(IEnumerable<ValueInfoProto> values)
    {
        foreach (ValueInfoProto value in values)
        {
            if (value.Type?.TensorType is { } type)
            {
                Set(value.Name, (ElementType)type.ElemType, type.Shape is { } s ? [.. s.Dim.Select(d => d.HasDimValue ? d.DimValue : -1)] : null);
            }
        }
    }

    /// <summary>Notes what is known of a value; what is known already stays.</summary>
    public void Set(string name, ElementType type, long[]? dims)
    {
        if (name.Length > 0 && type != ElementType.Undefined)
        {
            _types.TryAdd(name, type);
        }

        if (name.Length > 0 && dims is not null)
        {
            _dims.TryAdd(name, dims);
        }
    }

    /// <summary>Notes a constant.</summary>
    public void SetConstant(string name, TensorProto tensor)
    {
        _constants[name] = tensor;
        _dims[name] = [.. tensor.Dims];
        Set(name, (ElementType)tensor.DataType, null);
    }

    /// <summary>A value's element type in the lifted graph; undefined where it is not known.</summary>
    public ElementType TypeOf(string name) =>
        _types.TryGetValue(name, out ElementType type) ? type : outer?.TypeOf(name) ?? ElementType.Undefined;

    /// <summary>A value's extents, -1 for one that is not fixed; null where not even the rank is known.</summary>
    public long[]? DimsOf(string name) => _dims.TryGetValue(name, out long[]? dims) ? dims : outer?.DimsOf(name);

    /// <summary>The tensor of an initializer or constant; null for a computed value.</summary>
    public TensorProto? ConstantOf(string name) =>
        _constants.TryGetValue(name, out TensorProto? tensor) ? tensor : outer?.ConstantOf(name);
}
