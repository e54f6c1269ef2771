using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>
/// A read-only view of a model's main graph: nodes in their order, values with their producer and consumers. It adds
/// nothing to the file's own messages; growth edits the messages and makes a new view.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private HashSet<string>? _names;
    private int _aliases;

    /// <summary>Indexes a model's graph.</summary>
    /// <exception cref="BadInputException">Two producers of one value, a value used before it is made, or an unknown one; a node with
    /// fewer or more inputs than its operator has; a constant with fewer or more elements than its shape says.</exception>
    public Graph(OnnxModel model)
    {
        Model = model;
        GraphProto proto = model.Proto.Graph;
        foreach (OperatorSetIdProto import in model.Proto.OpsetImport)
        {
            if (import.Domain is "" or "ai.onnx")
            {
                Opset = import.Version;
            }
        }

        foreach (TensorProto tensor in proto.Initializer)
        {
            model.CheckInline(tensor);
            Value value = Define(tensor.Name, null, 0);
            value.Tensor = tensor;
        }

        foreach (SparseTensorProto sparse in proto.SparseInitializer)
        {
            Define(sparse.Values?.Name ?? throw new BadInputException(ErrorCode.Graph, "a sparse initializer has no values; the graph is not complete"), null, 0);
        }

        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto input in proto.Input)
        {
            if (!inputs.Add(input.Name))
            {
                throw new BadInputException(ErrorCode.Graph, $"the graph has two inputs '{Text.Name(input.Name)}'; names of values must be unique in a graph");
            }

            // An initializer that is also an input is a default value: growth treats it as the weight that it is.
            if (!_values.ContainsKey(input.Name))
            {
                Value value = Define(input.Name, null, 0);
                value.Info = input;
                value.IsGraphInput = true;
                Inputs.Add(value);
            }
        }

        var nodes = new List<Node>(proto.Node.Count);
        foreach (int fileIndex in TopologicalOrder.Of(proto))
        {
            nodes.Add(Add(proto.Node[fileIndex], nodes.Count, fileIndex));
        }

        Nodes = nodes;
        foreach (ValueInfoProto info in proto.ValueInfo)
        {
            if (_values.TryGetValue(info.Name, out Value? value))
            {
                value.Info ??= info;
            }
        }

        foreach (ValueInfoProto output in proto.Output)
        {
            Value value = Find(output.Name) ?? throw new BadInputException(
                ErrorCode.Graph, $"graph output '{Text.Name(output.Name)}' is made by no node; the graph is not complete");
            value.Info ??= output;
            value.IsGraphOutput = true;
            Outputs.Add(value);
        }
    }

    /// <summary>The model that this is a view of.</summary>
    public OnnxModel Model { get; }

    /// <summary>Version of the default operator set; 0 where the model imports none.</summary>
    public long Opset { get; }

    /// <summary>The nodes, in an order in which they can be computed: the file's own where that serves.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Graph inputs that are not initializers.</summary>
    public List<Value> Inputs { get; } = [];

    /// <summary>Graph outputs.</summary>
    public List<Value> Outputs { get; } = [];

    /// <summary>Every value of the main graph.</summary>
    public IEnumerable<Value> Values => _values.Values;

    /// <summary>Every name that stands in the graph: of values, of nodes, and of what subgraphs see.</summary>
    internal IReadOnlySet<string> Names
    {
        get
        {
            if (_names is null)
            {
                var names = new HashSet<string>(_values.Keys, StringComparer.Ordinal);
                foreach (Node node in Nodes)
                {
                    names.Add(node.Proto.Name);
                    names.UnionWith(CapturedNames.Of(node.Proto));
                }

                _names = names;
            }

            return _names;
        }
    }

    /// <summary>The value of this name, or null.</summary>
    public Value? Find(string name) => _values.GetValueOrDefault(name);

    private Node Add(NodeProto proto, int index, int fileIndex)
    {
        var node = new Node(proto, index, fileIndex);
        foreach (string name in proto.Input)
        {
            node.AddInput(name.Length == 0 ? null : Own(Use(name, proto)));
        }

        foreach (string name in CapturedNames.Of(proto))
        {
            if (_values.TryGetValue(name, out Value? outer))
            {
                node.Captured.Add(outer);
                outer.AddConsumer(node, -1);
            }
        }

        for (int i = 0; i < proto.Output.Count; i++)
        {
            node.AddOutput(proto.Output[i].Length == 0 ? null : Define(proto.Output[i], node, i));
        }

        OperatorArity.Check(node);
        if (node.Is("Constant") && node.Outputs.Count > 0 && node.Outputs[0] is { } output)
        {
            output.Tensor = ConstantNode.TensorOf(proto);
            if (output.Tensor is { } tensor)
            {
                Model.CheckInline(tensor);
            }
        }

        return node;
    }

    /// <summary>A vector that another node uses already becomes a value of its own; see <see cref="Value.InitializerName"/>.</summary>
    private Value Own(Value value)
    {
        bool isVector = value is { Tensor: { Dims: [> 1] } tensor, Producer: null } && ElementTypes.IsGrowable((ElementType)tensor.DataType);
        if (!isVector || value.Consumers.Count == 0)
        {
            return value;
        }

        string name;
        do
        {
            name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value.Name}#{++_aliases}");
        }
        while (_values.ContainsKey(name));
        Value alias = Define(name, null, 0);
        alias.Tensor = value.Tensor;
        alias.InitializerName = value.InitializerName;
        return alias;
    }

    private Value Use(string name, NodeProto by) => Find(name) ?? throw new BadInputException(
        ErrorCode.Graph, $"node '{Text.Name(by.Name)}' ({Text.Name(by.OpType)}) uses the value '{Text.Name(name)}', which no node makes and which is neither an input nor an initializer");

    private Value Define(string name, Node? producer, int index)
    {
        var value = new Value(name, producer, index);
        if (!_values.TryAdd(name, value))
        {
            throw new BadInputException(
                ErrorCode.Graph, $"the value '{Text.Name(name)}' is defined twice; names of values must be unique in a graph");
        }

        return value;
    }
}
