using Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>All names of a model's or a graph's values and nodes, graphs inside graphs and functions included.</summary>
internal sealed class NamesInUse
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);
    private readonly string _mark;

    /// <param name="model">The model.</param>
    /// <param name="mark">What new names end with, before their number.</param>
    public NamesInUse(ModelProto model, string mark)
        : this(model.Graph, mark)
    {
        foreach (FunctionProto function in model.Functions)
        {
            _names.UnionWith(function.Input);
            Add(function.Node);
        }
    }

    /// <param name="graph">The graph.</param>
    /// <param name="mark">What new names end with, before their number.</param>
    public NamesInUse(GraphProto graph, string mark)
    {
        _mark = mark;
        Add(graph);
    }

    /// <summary>A name that nothing has.</summary>
    public string Fresh(string hint)
    {
        int next = _next.GetValueOrDefault(hint);
        string name;
        do
        {
            name = FormattableString.Invariant($"{hint}/{_mark}{next++}");
        }
        while (!_names.Add(name));
        _next[hint] = next;
        return name;
    }

    /// <summary>Takes a given name, if nothing has it.</summary>
    public bool Take(string name) => _names.Add(name);

    private void Add(GraphProto graph)
    {
        _names.UnionWith(graph.Input.Select(i => i.Name));
        _names.UnionWith(graph.Initializer.Select(i => i.Name));
        _names.UnionWith(graph.SparseInitializer.Select(i => i.Values?.Name ?? ""));
        Add(graph.Node);
    }

    private void Add(IEnumerable<NodeProto> nodes)
    {
        foreach (NodeProto node in nodes)
        {
            _names.Add(node.Name);
            _names.UnionWith(node.Input);
            _names.UnionWith(node.Output);
            foreach (GraphProto inner in node.Attribute.SelectMany(a => a.Graphs.Append(a.G)).OfType<GraphProto>())
            {
                Add(inner);
            }
        }
    }
}
