using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>One node while it is differentiated: what it is, which gradients have come to it, and where those of its inputs go.</summary>
internal sealed class GradientEmitter : GraphWriter
{
    private readonly NodeProto _node;
    private readonly ValueTable _values;
    private readonly GradientSums _sums;
    private readonly Func<string, double[]?> _constants;

    /// <param name="writer">Appends to the graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="values">What is known of the graph's values.</param>
    /// <param name="sums">The gradients so far.</param>
    /// <param name="constants">The values of small constants.</param>
    public GradientEmitter(GraphWriter writer, NodeProto node, ValueTable values, GradientSums sums, Func<string, double[]?> constants)
        : base(writer)
    {
        _node = node;
        _values = values;
        _sums = sums;
        _constants = constants;
        ElementType type = values.TypeOf(node.Output.First(o => o.Length > 0));
        FloatType = ElementTypes.IsGrowable(type) ? type : FloatType;
    }

    /// <summary>The node.</summary>
    public NodeProto Node => _node;

    /// <summary>How many inputs the node has; some may be left out.</summary>
    public int Inputs => _node.Input.Count;

    /// <summary>The name of input <paramref name="index"/>; empty where it is left out.</summary>
    public string Input(int index) => index < _node.Input.Count ? _node.Input[index] : "";

    /// <summary>The name of output <paramref name="index"/>; empty where it is left out.</summary>
    public string Output(int index = 0) => index < _node.Output.Count ? _node.Output[index] : "";

    /// <summary>The name of an output, which is given a name where the file leaves it out.</summary>
    public string Demand(int index)
    {
        while (_node.Output.Count <= index)
        {
            _node.Output.Add("");
        }

        if (_node.Output[index].Length == 0)
        {
            _node.Output[index] = Fresh(_node.OpType);
        }

        return _node.Output[index];
    }

    /// <summary>Whether the gradient of an input is wanted.</summary>
    public bool Wants(int input) => Input(input).Length > 0 && _sums.Wants(Input(input));

    /// <summary>The gradient of an output, of its type and shape; null where the loss does not depend on it.</summary>
    public string? Gradient(int output = 0) => Output(output).Length > 0 ? _sums.Of(Output(output), this) : null;

    /// <summary>The gradient of the only output that counts.</summary>
    public string TheGradient => Gradient() ?? throw Refuse("only outputs behind the first reach the loss");

    /// <summary>The gradient of an output, zeros where the loss does not depend on it.</summary>
    public string GradientOrZeros(int output) =>
        Gradient(output) ?? Op("Expand", Scalar(0, _values.TypeOf(Output(output))), ShapeOf(Output(output)));

    /// <summary>Gives an input a gradient of its own shape; several are summed. Nothing happens where it is not wanted.</summary>
    public void Give(int input, Func<string> gradient)
    {
        if (Wants(input))
        {
            _sums.Add(Input(input), gradient());
        }
    }

    /// <summary>Gives an input that was broadcast to an output's shape a gradient of that shape, summed over the broadcast axes.</summary>
    public void GiveSummed(int input, Func<string> gradient, int output = 0) =>
        Give(input, () => SumTo(gradient(), DimsOf(Output(output)), DimsOf(Input(input))));

    /// <summary>Sums a value of some extents over the axes along which another's were repeated, to that one's shape.</summary>
    public string SumTo(string value, long[] from, long[] to)
    {
        int extra = from.Length - to.Length;
        long[] leading = [.. Enumerable.Range(0, extra).Select(a => (long)a)];
        long[] ones = [.. Enumerable.Range(0, to.Length).Where(a => to[a] == 1 && from[a + extra] != 1).Select(a => (long)(a + extra))];
        string kept = Reduce("ReduceSum", value, true, ones);
        return Reduce("ReduceSum", kept, false, leading);
    }

    /// <summary>A value's extents; open axes have those of a trial run, which are more than 1.</summary>
    public long[] DimsOf(string name) => _values.DimsOf(name);

    /// <summary>A value's rank.</summary>
    public int RankOf(string name) => DimsOf(name).Length;

    /// <summary>A value's element type.</summary>
    public ElementType TypeOf(string name) => _values.TypeOf(name);

    /// <summary>The values of a small constant; null where the value is computed or large.</summary>
    public double[]? ValuesOf(string name) => name.Length == 0 ? null : _constants(name) ?? _values.ConstantOf(name);

    /// <summary>The integers of a small constant input, which the gradient needs to know.</summary>
    public long[] IntsOf(int input) => ValuesOf(Input(input)) is { } values
        ? [.. values.Select(v => (long)v)]
        : throw Refuse($"input {input} ('{Text.Name(Input(input))}') is computed; its gradient asks for a constant");

    /// <summary>Whether the node has an attribute.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>An integer attribute, or its default.</summary>
    public long Int(string name, long missing) => Attributes.Int(_node, name, missing);

    /// <summary>A float attribute, or its default.</summary>
    public double Float(string name, double missing) => Find(name)?.F ?? missing;

    /// <summary>A list-of-integers attribute, or null.</summary>
    public long[]? IntList(string name) => Attributes.IntList(_node, name);

    /// <summary>A string attribute, or its default.</summary>
    public string String(string name, string missing) => Find(name)?.S.ToStringUtf8() ?? missing;

    /// <summary>An axis counted from the front.</summary>
    public int Axis(long axis, string of) => (int)(axis < 0 ? axis + RankOf(of) : axis);

    /// <summary>Why this node has no gradient.</summary>
    public static NoGradientException Refuse(string reason) => new(reason);

    private AttributeProto? Find(string name) => Attributes.Find(_node, name);
}
