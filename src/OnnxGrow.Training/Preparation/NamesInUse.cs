using Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>All names of a model's values and nodes, graphs inside graphs and functions included.</summary>
internal sealed class NamesInUse
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _next;

    public NamesInUse(ModelProto model)
    {
        Add(model.Graph);
        foreach (FunctionProto function in model.Functions)
        {
            _names.UnionWith(function.Input);
            Add(function.Node);
        }
    }

    /// <summary>A name that nothing has.</summary>
    public string Fresh(string hint)
    {
        string name;
        do
        {
            name = FormattableString.Invariant($"{hint}/raised{_next++}");
        }
        while (!_names.Add(name));
        return name;
    }

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
