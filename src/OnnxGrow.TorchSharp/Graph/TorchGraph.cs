using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>An ONNX graph, or one inside a node, ready to be run: constants, the nodes that its outputs need, when a value is last read.</summary>
internal sealed class TorchGraph : IDisposable
{
    private readonly OnnxModel _model;
    private readonly Dictionary<GraphProto, TorchGraph> _inner = [];
    private readonly HashSet<string> _outputs;
    private readonly HashSet<string> _made;

    /// <summary>Prepares a graph.</summary>
    /// <param name="model">The model, which must stay open.</param>
    /// <param name="weights">Names of tensors that are given with the inputs.</param>
    /// <param name="outputs">The outputs that are asked for; null for all.</param>
    /// <exception cref="CannotTrainException">Some operators are not known; all of them are named.</exception>
    public TorchGraph(OnnxModel model, IReadOnlySet<string> weights, IReadOnlyCollection<string>? outputs = null)
        : this(model, model.Proto.Graph, weights, outputs)
    {
        var missing = new SortedDictionary<string, (int Count, string Node)>(StringComparer.Ordinal);
        NoteMissing(missing);
        if (missing.Count > 0)
        {
            Dispose();
            throw new CannotTrainException(
                ErrorCode.Gradient, "the engine torchsharp has no operator for "
                + string.Join(", ", missing.Select(m => $"{Text.Name(m.Key)} ({Text.Number(m.Value.Count)} nodes, for example '{Text.Name(m.Value.Node)}')"))
                + "; the engine onnxruntime may have it");
        }
    }

    private TorchGraph(OnnxModel model, GraphProto graph, IReadOnlySet<string> weights, IReadOnlyCollection<string>? outputs)
    {
        _model = model;
        Inputs = [.. graph.Input.Select(i => i.Name)];
        Outputs = [.. outputs ?? graph.Output.Select(o => o.Name)];
        foreach (TensorProto tensor in graph.Initializer.Where(t => !weights.Contains(t.Name)))
        {
            Constants.Add(tensor.Name, model.DataOf(tensor), [.. tensor.Dims]);
        }

        foreach (NodeProto node in graph.Node.Where(n => IsConstant(n) && !weights.Contains(n.Output[0])))
        {
            if (ConstantNode.TensorOf(node) is { } tensor)
            {
                Constants.Add(node.Output[0], model.DataOf(tensor), [.. tensor.Dims]);
            }
        }

        _outputs = Outputs.ToHashSet(StringComparer.Ordinal);
        Nodes = Needed(graph, Outputs);
        _made = Nodes.SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        LastRead = LastReads();
        Fixed = FixedValues.Of(Nodes, Inputs.Concat(weights), Constants);
        foreach (GraphProto inner in Nodes.SelectMany(n => n.Attribute).Where(a => a.G is not null).Select(a => a.G))
        {
            _inner.Add(inner, new TorchGraph(model, inner, weights, null));
        }
    }

    /// <summary>The inputs, in the graph's order.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>The outputs that are computed.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>The nodes that they need, in order.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>The values that nothing reads after a node, by its place.</summary>
    public IReadOnlyList<IReadOnlyList<string>> LastRead { get; }

    /// <summary>Its constants.</summary>
    public GraphConstants Constants { get; } = new();

    /// <summary>The places of the nodes whose outputs depend on the inputs' extents alone.</summary>
    public IReadOnlySet<int> Fixed { get; }

    /// <summary>What they have made so far.</summary>
    public FixedRuns FixedRuns { get; } = new();

    /// <summary>Whether a value is one of the outputs.</summary>
    public bool IsOutput(string name) => _outputs.Contains(name);

    /// <summary>Whether a value is made by one of its nodes.</summary>
    public bool Makes(string name) => _made.Contains(name);

    /// <summary>A graph inside a node.</summary>
    public TorchGraph Inner(GraphProto graph) => _inner[graph];

    /// <summary>The elements of a tensor of the model.</summary>
    public TensorData DataOf(TensorProto tensor) => _model.DataOf(tensor);

    /// <inheritdoc/>
    public void Dispose()
    {
        Constants.Dispose();
        FixedRuns.Dispose();
        foreach (TorchGraph inner in _inner.Values)
        {
            inner.Dispose();
        }
    }

    private static bool IsConstant(NodeProto node) => node.OpType == "Constant" && node.Domain is "" or "ai.onnx";

    private static NodeProto[] Needed(GraphProto graph, IEnumerable<string> outputs)
    {
        var needed = outputs.ToHashSet(StringComparer.Ordinal);
        var nodes = new List<NodeProto>();
        foreach (NodeProto node in graph.Node.Reverse().Where(n => !IsConstant(n) && n.Output.Any(needed.Contains)))
        {
            nodes.Add(node);
            needed.UnionWith(Reads(node));
        }

        nodes.Reverse();
        return [.. nodes];
    }

    /// <summary>What a node reads, the graphs inside it included.</summary>
    private static IEnumerable<string> Reads(NodeProto node) => node.Input.Where(i => i.Length > 0).Concat(
        node.Attribute.Where(a => a.G is not null).SelectMany(a => a.G.Node.SelectMany(Reads).Concat(a.G.Output.Select(o => o.Name))));

    private List<string>[] LastReads()
    {
        List<string>[] last = [.. Nodes.Select(_ => new List<string>())];
        HashSet<string> seen = new(_outputs, StringComparer.Ordinal);
        for (int i = Nodes.Count - 1; i >= 0; i--)
        {
            last[i].AddRange(Nodes[i].Output.Concat(Reads(Nodes[i])).Where(v => v.Length > 0 && Makes(v) && seen.Add(v)));
        }

        return last;
    }

    private void NoteMissing(SortedDictionary<string, (int Count, string Node)> missing)
    {
        foreach (NodeProto node in Nodes.Where(n => OperatorTable.Of(n) is null))
        {
            string name = OperatorNames.Of(node);
            missing[name] = missing.TryGetValue(name, out var known)
                ? (known.Count + 1, known.Node)
                : (1, node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? "?");
        }

        foreach (TorchGraph inner in _inner.Values)
        {
            inner.NoteMissing(missing);
        }
    }
}
