using Onnx;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Names in use in a graph, and what has been written once for all: constants and shapes.</summary>
internal sealed class WrittenNames(GraphProto graph)
{
    private readonly NamesInUse _names = new(graph, "g");
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shapes = new(StringComparer.Ordinal);

    /// <summary>A name that nothing has.</summary>
    public string Fresh(string hint) => _names.Fresh(hint);

    /// <summary>Takes a given name, if nothing has it.</summary>
    public bool Take(string name) => _names.Take(name);

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
