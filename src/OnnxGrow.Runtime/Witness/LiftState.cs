using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>What one lift knows: the source beside its copy, exact attributes, static dims, names in use.</summary>
internal sealed class LiftState
{
    private readonly OnnxModel _source;
    private readonly OnnxModel _lifted;
    private readonly IReadOnlyDictionary<AttributeProto, double>? _given;
    private readonly Dictionary<AttributeProto, double> _exact = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TensorProto, TensorProto> _sourceTensors = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, long[]> _dims = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _next;

    public LiftState(OnnxModel source, OnnxModel lifted, IReadOnlyDictionary<AttributeProto, double>? exact)
    {
        _source = source;
        _lifted = lifted;
        _given = exact;
        Opset = lifted.Proto.OpsetImport.Where(o => o.Domain is "" or "ai.onnx").Select(o => o.Version).FirstOrDefault();
    }

    /// <summary>Version of the default operator set.</summary>
    public long Opset { get; }

    /// <summary>Walks source and copy side by side: what is known of a source message then holds for its copy.</summary>
    public void Pair()
    {
        Pair(_source.Proto.Graph, _lifted.Proto.Graph);
        foreach ((FunctionProto a, FunctionProto b) in _source.Proto.Functions.Zip(_lifted.Proto.Functions))
        {
            Pair(a.Node, b.Node);
        }
    }

    /// <summary>Gives a float tensor of the copy its elements as float64; others stay.</summary>
    public void LiftTensor(TensorProto tensor)
    {
        if (Float64Lift.IsLifted((ElementType)tensor.DataType) && _sourceTensors.TryGetValue(tensor, out TensorProto? source))
        {
            _lifted.SetData(tensor, new Float64Data(_source.DataOf(source)));
        }
    }

    /// <summary>A float attribute's value before rounding, where it is known; else the stored one.</summary>
    public double Exact(AttributeProto attribute) => _exact.GetValueOrDefault(attribute, attribute.F);

    /// <summary>Whether the attribute's value before rounding is known and not the stored one.</summary>
    public bool IsExact(AttributeProto attribute) =>
        _exact.TryGetValue(attribute, out double exact) && exact != attribute.F;

    /// <summary>A value's extents where the file gives them (-1 for one that is not fixed); null where it does not.</summary>
    public long[]? DimsOf(string name) => _dims.GetValueOrDefault(name);

    /// <summary>A name that nothing in the model has.</summary>
    public string Fresh(string hint)
    {
        string name;
        do
        {
            name = FormattableString.Invariant($"{hint}/f64_{_next++}");
        }
        while (!_names.Add(name));
        return name;
    }

    /// <summary>An operator of another domain has kernels of its own, none of them in float64.</summary>
    public void RefuseForeign(NodeProto node)
    {
        bool local = _lifted.Proto.Functions.Any(f => f.Name == node.OpType && f.Domain == node.Domain);
        if (node.Domain is not ("" or "ai.onnx") && !local)
        {
            throw new NotVerifiedException(
                $"node '{NameOf(node)}': the operator {Text.Name(node.Domain)}.{Text.Name(node.OpType)} has no float64 form; "
                + "the certificate and the comparison as shipped still hold, or export the model without fused operators");
        }
    }

    /// <summary>An attribute that only its exact value makes right must not be run as it is stored.</summary>
    public void RefuseExact(NodeProto node)
    {
        if (node.Attribute.FirstOrDefault(IsExact) is { } attribute)
        {
            throw new NotVerifiedException(
                $"node '{NameOf(node)}': the attribute '{Text.Name(attribute.Name)}' of {Text.Name(node.OpType)} was rounded to "
                + "float32 when it was grown, and the operator has no form with a float64 value");
        }
    }

    public static string NameOf(NodeProto node) =>
        Text.Name(node.Name.Length > 0 ? node.Name : node.Output.Count > 0 ? node.Output[0] : "?");

    private void Pair(GraphProto source, GraphProto copy)
    {
        foreach ((TensorProto a, TensorProto b) in source.Initializer.Zip(copy.Initializer))
        {
            _sourceTensors[b] = a;
            _dims[b.Name] = [.. b.Dims];
            _names.Add(b.Name);
        }

        foreach (ValueInfoProto value in copy.Input.Concat(copy.Output).Concat(copy.ValueInfo))
        {
            _names.Add(value.Name);
            if (value.Type?.TensorType?.Shape is { } shape)
            {
                _dims.TryAdd(value.Name, [.. shape.Dim.Select(d => d.HasDimValue ? d.DimValue : -1)]);
            }
        }

        Pair(source.Node, copy.Node);
    }

    private void Pair(IEnumerable<NodeProto> source, IEnumerable<NodeProto> copy)
    {
        foreach ((NodeProto a, NodeProto b) in source.Zip(copy))
        {
            _names.UnionWith(b.Output);
            foreach ((AttributeProto from, AttributeProto to) in a.Attribute.Zip(b.Attribute))
            {
                Pair(from, to, b);
            }
        }
    }

    private void Pair(AttributeProto from, AttributeProto to, NodeProto node)
    {
        if (_given is not null && _given.TryGetValue(from, out double exact))
        {
            _exact[to] = exact;
        }

        if (from.T is not null)
        {
            _sourceTensors[to.T] = from.T;
            if (node.OpType == "Constant")
            {
                _dims[node.Output[0]] = [.. to.T.Dims];
            }
        }

        foreach ((TensorProto a, TensorProto b) in from.Tensors.Zip(to.Tensors))
        {
            _sourceTensors[b] = a;
        }

        if (from.G is not null)
        {
            Pair(from.G, to.G);
        }

        foreach ((GraphProto a, GraphProto b) in from.Graphs.Zip(to.Graphs))
        {
            Pair(a, b);
        }
    }
}
