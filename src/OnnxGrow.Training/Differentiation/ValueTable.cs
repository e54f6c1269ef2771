using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Differentiation;

/// <summary>
/// Types, ranks and extents of all values of a graph, found by running it once: exact for any operator. Extents of open axes
/// are those of that run, which must be more than 1, so that an extent of 1 is one that broadcasts.
/// </summary>
internal sealed class ValueTable
{
    private const int MostElements = 64;

    private readonly Dictionary<string, (ElementType Type, long[] Dims)> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> _constants = new(StringComparer.Ordinal);

    /// <summary>Runs a model on some inputs and notes what every value is.</summary>
    /// <exception cref="NotVerifiedException">The model does not run on these inputs.</exception>
    public static ValueTable Of(OnnxModel model, IReadOnlyDictionary<string, RuntimeTensor> inputs)
    {
        var table = new ValueTable();
        foreach (TensorProto tensor in model.Proto.Graph.Initializer)
        {
            table._values[tensor.Name] = ((ElementType)tensor.DataType, [.. tensor.Dims]);
        }

        foreach ((string name, RuntimeTensor value) in inputs)
        {
            table._values[name] = (value.ElementType, [.. value.Dims]);
        }

        using OnnxModel open = model.Clone();
        var present = open.Proto.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        open.Proto.Graph.Output.Add(
            from node in open.Proto.Graph.Node
            where node.OpType is not ("SplitToSequence" or "SequenceConstruct" or "SequenceEmpty" or "SequenceInsert" or "SequenceErase" or "Optional")
            from name in node.Output
            where name.Length > 0 && present.Add(name)
            select new ValueInfoProto { Name = name });
        using var session = new OrtSession(open, new OrtSessionOptions { Optimization = GraphOptimization.None });
        HashSet<string> fixedValues = Fixed(model.Proto.Graph);
        foreach ((string name, TensorSketch value) in session.Sketch(inputs, MostElements))
        {
            table._values[name] = (value.Type, value.Dims);
            if (value.Value is { IsFloat: false } small && fixedValues.Contains(name))
            {
                table._constants[name] = small.ToDoubles();
            }
        }

        return table;
    }

    /// <summary>Notes a value that did not exist when the graph was run.</summary>
    public void Add(string name, ElementType type, long[] dims) => _values[name] = (type, dims);

    /// <summary>Whether anything is known of a value.</summary>
    public bool Knows(string name) => _values.ContainsKey(name);

    /// <summary>A value's element type; undefined where nothing is known.</summary>
    public ElementType TypeOf(string name) => _values.TryGetValue(name, out var value) ? value.Type : ElementType.Undefined;

    /// <summary>The values of a small list of whole numbers that is the same in every run, computed or not; null for any other.</summary>
    public double[]? ConstantOf(string name) => _constants.GetValueOrDefault(name);

    /// <summary>A value's extents in the run.</summary>
    public long[] DimsOf(string name) =>
        _values.TryGetValue(name, out var value) ? value.Dims : throw new KeyNotFoundException($"nothing is known of the value '{Text.Name(name)}'");

    /// <summary>Values that no input has a part in.</summary>
    private static HashSet<string> Fixed(GraphProto graph)
    {
        HashSet<string> held = [.. graph.Initializer.Select(t => t.Name)];
        foreach (NodeProto node in graph.Node)
        {
            bool draws = node.OpType.StartsWith("Random", StringComparison.Ordinal) || node.OpType is "Bernoulli" or "Multinomial";
            if (!draws && node.Attribute.All(a => a.G is null) && node.Input.All(i => i.Length == 0 || held.Contains(i)))
            {
                held.UnionWith(node.Output);
            }
        }

        return held;
    }
}
