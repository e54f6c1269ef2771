using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Writes primitive nodes in place of one node. Constants become Constant nodes beside their use, so that the same code
/// serves graphs, subgraphs and functions. The last operator writes to <see cref="Output"/>.
/// </summary>
internal sealed partial class Emitter(LiftState state, ValueScope scope, NodeProto node, List<NodeProto> sink)
{
    private readonly Dictionary<long, string> _scalars = [];

    /// <summary>The node that is replaced.</summary>
    public NodeProto Node => node;

    /// <summary>The type that floats are lifted to.</summary>
    public ElementType FloatType => state.Options.FloatType;

    /// <summary>Version of the default operator set.</summary>
    public long Opset => scope.Opset;

    /// <summary>The name of the first output.</summary>
    public string Output => node.Output[0];

    /// <summary>The name of input <paramref name="index"/>; empty where it is left out.</summary>
    public string Input(int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>The name of output <paramref name="index"/> where somebody wants it; else empty.</summary>
    public string OutputAt(int index) => index < node.Output.Count ? node.Output[index] : "";

    /// <summary>A value's extents where the file gives them; null where it does not.</summary>
    public long[]? DimsOf(string name) => scope.DimsOf(name);

    /// <summary>A value's rank where it is known; else a refusal that says how to help.</summary>
    public int RankOf(string name) =>
        DimsOf(name)?.Length ?? throw Refuse($"the rank of '{Text.Name(name)}' is not in the file; run shape inference on the model first");

    /// <summary>A value's element type in the lifted graph; undefined where it is not known.</summary>
    public ElementType TypeOf(string name) => scope.TypeOf(name);

    /// <summary>The values of a small constant; null where the value is computed or large.</summary>
    public double[]? ValuesOf(string name) => state.ValuesOf(scope, name);

    /// <summary>A float attribute in float64: its value before rounding where that is known.</summary>
    public double Float(string name, float missing) =>
        node.Attribute.FirstOrDefault(a => a.Name == name) is { } attribute ? state.Exact(attribute) : missing;

    /// <summary>Whether an attribute's value before rounding is known and not the stored one.</summary>
    public bool HasExactAttribute => node.Attribute.Any(state.IsExact);

    /// <summary>An integer attribute, or its default.</summary>
    public long Int(string name, long missing) => node.Attribute.FirstOrDefault(a => a.Name == name)?.I ?? missing;

    /// <summary>A list-of-integers attribute, or null.</summary>
    public long[]? Ints(string name) => node.Attribute.FirstOrDefault(a => a.Name == name) is { } a ? [.. a.Ints] : null;

    /// <summary>A list-of-floats attribute, or null.</summary>
    public double[]? Floats(string name) =>
        node.Attribute.FirstOrDefault(a => a.Name == name) is { } a ? [.. a.Floats.Select(f => (double)f)] : null;

    /// <summary>A string attribute, or its default.</summary>
    public string String(string name, string missing) =>
        node.Attribute.FirstOrDefault(a => a.Name == name)?.S.ToStringUtf8() ?? missing;

    /// <summary>Why this node cannot be lowered.</summary>
    public NotVerifiedException Refuse(string reason) =>
        new($"node '{LiftState.NameOf(node)}' ({Text.Name(node.OpType)}) has no form in primitive operators: {reason}");

    /// <summary>A name for a value that has none yet.</summary>
    public string Fresh() => state.Fresh(Output);

    /// <summary>Emits an operator and gives the name of its output.</summary>
    public string Op(string opType, params string[] inputs) => Write(state.Fresh(Output), opType, inputs);

    /// <summary>Emits an operator that writes to a given name.</summary>
    public string To(string output, string opType, params string[] inputs) => Write(output, opType, inputs);

    /// <summary>Emits an operator with integer attributes.</summary>
    public string Op(string opType, (string Name, long Value)[] attributes, params string[] inputs)
    {
        string output = Op(opType, inputs);
        foreach ((string name, long value) in attributes)
        {
            Last.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value });
        }

        return output;
    }

    /// <summary>Emits an operator with one list-of-integers attribute.</summary>
    public string Op(string opType, string attribute, IEnumerable<long> values, params string[] inputs)
    {
        string output = Op(opType, inputs);
        Add(attribute, values);
        return output;
    }

    /// <summary>A scalar of the type that floats are lifted to.</summary>
    public string Scalar(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        if (!_scalars.TryGetValue(bits, out string? name))
        {
            _scalars.Add(bits, name = Constant(Tensors.Numbers("", FloatType, [], value)));
        }

        return name;
    }

    /// <summary>A list of integers.</summary>
    public string IntList(params long[] values) => Constant(Tensors.Int64("", [values.Length], values));

    private NodeProto Last => sink[^1];

    /// <summary>A list of floats.</summary>
    public string FloatList(params double[] values) => Constant(Tensors.Numbers("", FloatType, [values.Length], values));

    private string Constant(TensorProto tensor)
    {
        string name = Op("Constant");
        Last.Attribute.Add(GraphLift.TensorAttribute("value", tensor));
        return name;
    }

    private void Add(string attribute, IEnumerable<long> values)
    {
        var message = new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Ints };
        message.Ints.AddRange(values);
        Last.Attribute.Add(message);
    }

    private string Write(string output, string opType, string[] inputs)
    {
        var written = new NodeProto { OpType = opType, Name = output.Length > 0 ? state.Fresh(output + "/" + opType) : "" };
        written.Input.AddRange(inputs);
        written.Output.Add(output);
        sink.Add(written);
        return output;
    }
}
