using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>What one lift knows: the source beside its copy, exact attributes, names in use.</summary>
internal sealed class LiftState
{
    private readonly OnnxModel _source;
    private readonly OnnxModel _lifted;
    private readonly IReadOnlyDictionary<AttributeProto, double>? _given;
    private readonly Dictionary<AttributeProto, double> _exact = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TensorProto, TensorProto> _sourceTensors = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _next;

    public LiftState(OnnxModel source, OnnxModel lifted, LiftOptions options, IReadOnlyDictionary<AttributeProto, double>? exact)
    {
        Options = options;
        _source = source;
        _lifted = lifted;
        _given = exact;
        Opset = OpsetOf(lifted.Proto.OpsetImport) ?? 0;
    }

    /// <summary>What becomes of the model.</summary>
    public LiftOptions Options { get; }

    /// <summary>Version of the default operator set.</summary>
    public long Opset { get; }

    /// <summary>The version of the default operator set in a list of imports.</summary>
    public static long? OpsetOf(IEnumerable<OperatorSetIdProto> imports) =>
        imports.Where(o => o.Domain is "" or "ai.onnx").Select(o => (long?)o.Version).FirstOrDefault();

    /// <summary>Walks source and copy side by side: what is known of a source message then holds for its copy.</summary>
    public void Pair()
    {
        Pair(_source.Proto.Graph, _lifted.Proto.Graph);
        foreach ((FunctionProto a, FunctionProto b) in _source.Proto.Functions.Zip(_lifted.Proto.Functions))
        {
            Pair(a.Node, b.Node);
        }
    }

    /// <summary>Gives a float tensor of the copy its elements in the wider type; others stay.</summary>
    public void LiftTensor(TensorProto tensor)
    {
        if (Options.IsLifted((ElementType)tensor.DataType) && _sourceTensors.TryGetValue(tensor, out TensorProto? source))
        {
            _lifted.SetData(tensor, new LiftedData(_source.DataOf(source), Options.FloatType));
        }
    }

    /// <summary>A float attribute's value before rounding, where it is known; else the stored one.</summary>
    public double Exact(AttributeProto attribute) => _exact.GetValueOrDefault(attribute, attribute.F);

    /// <summary>Whether the attribute's value before rounding is known and not the stored one.</summary>
    public bool IsExact(AttributeProto attribute) =>
        _exact.TryGetValue(attribute, out double exact) && exact != attribute.F;

    /// <summary>The values of a small integer constant; null where the value is computed, large or of another type.</summary>
    public long[]? IntsOf(ValueScope scope, string name) =>
        scope.ConstantOf(name)?.DataType == (int)ElementType.Int64 ? ValuesOf(scope, name)?.Select(v => (long)v).ToArray() : null;

    /// <summary>The values of a small constant; null where the value is computed or large.</summary>
    public double[]? ValuesOf(ValueScope scope, string name)
    {
        if (scope.ConstantOf(name) is not { } tensor || Tensors.CountOf(tensor) > 64)
        {
            return null;
        }

        double[] values = new double[Tensors.CountOf(tensor)];
        _lifted.DataOf(tensor).ReadDoubles(0, values);
        return values;
    }

    /// <summary>What is known of <paramref name="from"/>'s messages holds for those of a copy of it.</summary>
    public void Track(NodeProto from, NodeProto copy)
    {
        foreach ((AttributeProto a, AttributeProto b) in from.Attribute.Zip(copy.Attribute))
        {
            Track(a, b);
        }
    }

    /// <summary>What is known of <paramref name="from"/>'s messages holds for those of a copy of it.</summary>
    public void Track(AttributeProto from, AttributeProto copy)
    {
        if (_exact.TryGetValue(from, out double exact))
        {
            _exact[copy] = exact;
        }

        foreach ((TensorProto a, TensorProto b) in TensorsOf(from).Zip(TensorsOf(copy)))
        {
            Track(a, b);
        }

        foreach ((NodeProto a, NodeProto b) in GraphsOf(from).SelectMany(g => g.Node).Zip(GraphsOf(copy).SelectMany(g => g.Node)))
        {
            Track(a, b);
        }

        IEnumerable<TensorProto> held = GraphsOf(from).SelectMany(g => g.Initializer);
        foreach ((TensorProto a, TensorProto b) in held.Zip(GraphsOf(copy).SelectMany(g => g.Initializer)))
        {
            Track(a, b);
        }
    }

    private void Track(TensorProto from, TensorProto copy)
    {
        if (_sourceTensors.TryGetValue(from, out TensorProto? source))
        {
            _sourceTensors[copy] = source;
        }
    }

    /// <summary>The subgraphs that an attribute holds.</summary>
    public static IEnumerable<GraphProto> GraphsOf(AttributeProto attribute) =>
        attribute.G is { } one ? attribute.Graphs.Append(one) : attribute.Graphs;

    /// <summary>A name that nothing in the model has.</summary>
    public string Fresh(string hint)
    {
        string name;
        do
        {
            name = FormattableString.Invariant($"{hint}/{Options.Suffix}_{_next++}");
        }
        while (!_names.Add(name));
        return name;
    }

    /// <summary>An operator of another domain has kernels of its own, none of them in float64.</summary>
    public static void RefuseForeign(NodeProto node)
    {
        if (node.Domain is not ("" or "ai.onnx"))
        {
            throw new NotVerifiedException(
                ErrorCode.Witness, $"node '{NameOf(node)}': the operator {Text.Name(node.Domain)}.{Text.Name(node.OpType)} has no float64 form; "
                + "the certificate and the comparison as shipped still hold, or export the model without fused operators");
        }
    }

    /// <summary>An attribute that only its exact value makes right must not be run as it is stored.</summary>
    public void RefuseExact(NodeProto node)
    {
        if (node.Attribute.FirstOrDefault(IsExact) is { } attribute)
        {
            throw new NotVerifiedException(
                ErrorCode.Witness, $"node '{NameOf(node)}': the attribute '{Text.Name(attribute.Name)}' of {Text.Name(node.OpType)} was rounded to "
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
            _names.Add(b.Name);
        }

        foreach (ValueInfoProto value in copy.Input.Concat(copy.Output).Concat(copy.ValueInfo))
        {
            _names.Add(value.Name);
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
                Pair(from, to);
            }
        }
    }

    private void Pair(AttributeProto from, AttributeProto to)
    {
        if (_given is not null && _given.TryGetValue(from, out double exact))
        {
            _exact[to] = exact;
        }

        foreach ((TensorProto a, TensorProto b) in TensorsOf(from).Zip(TensorsOf(to)))
        {
            _sourceTensors[b] = a;
        }

        foreach ((GraphProto a, GraphProto b) in GraphsOf(from).Zip(GraphsOf(to)))
        {
            Pair(a, b);
        }
    }

    private static IEnumerable<TensorProto> TensorsOf(AttributeProto attribute) =>
        attribute.T is { } one ? attribute.Tensors.Append(one) : attribute.Tensors;
}
