using Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Names in use in a graph, and what has been written once for all: constants and shapes.</summary>
internal sealed class WrittenNames
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);

    public WrittenNames(GraphProto graph)
    {
        _names.UnionWith(graph.Input.Select(i => i.Name));
        _names.UnionWith(graph.Initializer.Select(i => i.Name));
        _names.UnionWith(graph.Node.SelectMany(n => n.Output));
        _names.UnionWith(graph.Node.Select(n => n.Name));

        // Names inside subgraphs must stay unique too.
        foreach (GraphProto inner in graph.Node.SelectMany(n => n.Attribute).Where(a => a.G is not null).Select(a => a.G))
        {
            _names.UnionWith(new WrittenNames(inner)._names);
        }
    }

    /// <summary>A name that nothing has.</summary>
    public string Fresh(string hint)
    {
        int next = _next.GetValueOrDefault(hint);
        string name;
        do
        {
            name = FormattableString.Invariant($"{hint}/g{next++}");
        }
        while (!_names.Add(name));
        _next[hint] = next;
        return name;
    }

    /// <summary>Takes a given name.</summary>
    public void Take(string name)
    {
        if (!_names.Add(name))
        {
            throw new InvalidOperationException($"the name '{name}' is in use");
        }
    }

    /// <summary>A constant by its content, written when it is first asked for.</summary>
    public string Constant(string key, Action<string> write)
    {
        if (!_constants.TryGetValue(key, out string? name))
        {
            name = Fresh("constant");
            write(name);
            _constants.Add(key, name);
        }

        return name;
    }

    /// <summary>The shape of a value, written when it is first asked for.</summary>
    public string ShapeOf(string value, Func<string> write) =>
        _shapes.TryGetValue(value, out string? name) ? name : _shapes[value] = write();
}
