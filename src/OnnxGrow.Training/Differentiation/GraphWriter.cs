using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Appends nodes to a graph of operator set 18 or later, in the notation of formulas; equal constants are written once.</summary>
internal class GraphWriter
{
    /// <summary>The oldest operator set that what is written here is of.</summary>
    public const long Opset = 18;

    private readonly GraphProto _graph;
    private readonly WrittenNames _written;

    /// <summary>A writer that appends to a graph.</summary>
    public GraphWriter(GraphProto graph)
        : this(graph, new WrittenNames(graph))
    {
    }

    /// <summary>A writer that goes on where another is.</summary>
    protected GraphWriter(GraphWriter other)
        : this(other._graph, other._written) => FloatType = other.FloatType;

    private GraphWriter(GraphProto graph, WrittenNames written)
    {
        _graph = graph;
        _written = written;
    }

    /// <summary>The type of scalars and lists of floats.</summary>
    public ElementType FloatType { get; set; } = ElementType.Float32;

    /// <summary>The graph.</summary>
    public GraphProto Graph => _graph;

    /// <summary>A name that nothing in the graph has.</summary>
    public string Fresh(string hint) => _written.Fresh(hint);

    /// <summary>Writes an operator with one output and gives its name.</summary>
    public string Op(string opType, params string[] inputs) => Write(opType, [], 1, inputs)[0];

    /// <summary>Writes an operator with attributes: long, long[], float (as double), string.</summary>
    public string Op(string opType, (string Name, object Value)[] attributes, params string[] inputs) => Write(opType, attributes, 1, inputs)[0];

    /// <summary>Writes an operator with several outputs.</summary>
    public string[] Write(string opType, (string Name, object Value)[] attributes, int outputs, params string[] inputs)
    {
        string[] names = [.. Enumerable.Range(0, outputs).Select(_ => Fresh(opType))];
        Append(opType, attributes, inputs, names);
        return names;
    }

    /// <summary>Takes a name that must be just so.</summary>
    /// <exception cref="CannotTrainException">Something of the model has it.</exception>
    public string Claim(string name) => _written.Take(name) ? name : throw new CannotTrainException(
        ErrorCode.Gradient, $"the model has a value '{Text.Name(name)}' of its own, which is the name of an input or an output of the training graph; rename it");

    /// <summary>Writes an operator whose output has a given name.</summary>
    /// <exception cref="CannotTrainException">Something of the model has that name.</exception>
    public string To(string output, string opType, (string Name, object Value)[] attributes, params string[] inputs)
    {
        Append(opType, attributes, inputs, [Claim(output)]);
        return output;
    }

    /// <summary>Writes an operator in place of one that was taken out of the graph; its output keeps the name, if it had one.</summary>
    public string Over(string output, string opType, params string[] inputs)
    {
        string name = output.Length > 0 ? output : Fresh(opType);
        Append(opType, [], inputs, [name]);
        return name;
    }

    /// <summary>a + b.</summary>
    public string Add(string a, string b) => Op("Add", a, b);

    /// <summary>a + b.</summary>
    public string Add(string a, double b) => Op("Add", a, Scalar(b));

    /// <summary>a - b.</summary>
    public string Sub(string a, string b) => Op("Sub", a, b);

    /// <summary>a - b.</summary>
    public string Sub(double a, string b) => Op("Sub", Scalar(a), b);

    /// <summary>a b.</summary>
    public string Mul(string a, string b) => Op("Mul", a, b);

    /// <summary>a b.</summary>
    public string Mul(string a, double b) => b == 1 ? a : Op("Mul", a, Scalar(b));

    /// <summary>a / b.</summary>
    public string Div(string a, string b) => Op("Div", a, b);

    /// <summary>-a.</summary>
    public string Neg(string a) => Op("Neg", a);

    /// <summary>Matrix product.</summary>
    public string MatMul(string a, string b) => Op("MatMul", a, b);

    /// <summary>Element by element, one or the other.</summary>
    public string Where(string condition, string then, string otherwise) => Op("Where", condition, then, otherwise);

    /// <summary>A permutation of axes.</summary>
    public string Transpose(string a, params long[] perm) => Op("Transpose", [("perm", perm)], a);

    /// <summary>The extents of a value.</summary>
    public string ShapeOf(string a) => _written.ShapeOf(a, () => Op("Shape", a));

    /// <summary>Another shape, given as extents.</summary>
    public string Reshape(string a, params long[] dims) => Op("Reshape", a, Ints(dims));

    /// <summary>The shape of another value.</summary>
    public string ReshapeLike(string a, string like) => Op("Reshape", a, ShapeOf(like));

    /// <summary>Another type.</summary>
    public string Cast(string a, ElementType type) => Op("Cast", [("to", (long)type)], a);

    /// <summary>ReduceSum, ReduceMean, ReduceMax ... over axes.</summary>
    public string Reduce(string opType, string a, bool keep, params long[] axes) =>
        axes.Length == 0 ? a : Op(opType, [("keepdims", keep ? 1L : 0L)], a, Ints(axes));

    /// <summary>The sum over all axes.</summary>
    public string SumAll(string a) => Op("ReduceSum", [("keepdims", 0L)], a);

    /// <summary>A float scalar.</summary>
    public string Scalar(double value) => Scalar(value, FloatType);

    /// <summary>A scalar of a type.</summary>
    public string Scalar(double value, ElementType type) => Constant(type, [], value);

    /// <summary>A list of floats.</summary>
    public string Floats(params double[] values) => Constant(FloatType, [values.Length], values);

    /// <summary>A list of int64.</summary>
    public string Ints(params long[] values) => _written.Constant(
        "i" + string.Join(',', values), name => _graph.Initializer.Add(Tensors.Int64(name, [values.Length], values)));

    /// <summary>An int64 scalar.</summary>
    public string Int(long value) => _written.Constant("s" + value, name => _graph.Initializer.Add(Tensors.Int64(name, [], value)));

    /// <summary>A small tensor of floats.</summary>
    public string Constant(ElementType type, long[] dims, params double[] values) => _written.Constant(
        $"{type}[{string.Join(',', dims)}]{string.Join(',', values.Select(v => BitConverter.DoubleToInt64Bits(v)))}",
        name =>
        {
            TensorProto tensor = Tensors.Numbers(name, type, dims, values);
            _graph.Initializer.Add(tensor);
        });

    private void Append(string opType, (string Name, object Value)[] attributes, string[] inputs, string[] outputs)
    {
        var node = new NodeProto { OpType = opType, Name = _written.Fresh(opType + "_node") };
        node.Input.AddRange(inputs);
        while (node.Input.Count > 0 && node.Input[^1].Length == 0)
        {
            node.Input.RemoveAt(node.Input.Count - 1);
        }

        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(a => Attributes.Of(a.Name, a.Value)));
        _graph.Node.Add(node);
    }
}
