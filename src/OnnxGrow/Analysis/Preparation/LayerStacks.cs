using System.Globalization;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// Weights of all layers in one tensor [layers, ...]: each layer's part becomes an initializer of its own, which refers to its
/// run of the stack's elements and copies nothing.
/// </summary>
internal sealed class LayerStacks(OnnxModel model, HashSet<string> names)
{
    private readonly Dictionary<string, TensorProto> _stacks = model.Proto.Graph.Initializer
        .ExceptBy(model.Proto.Graph.Input.Select(i => i.Name), t => t.Name)
        .Where(t => ElementTypes.IsGrowable((ElementType)t.DataType) && t.Dims.Count > 0)
        .GroupBy(t => t.Name, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    private readonly Dictionary<(string, int), string> _parts = [];

    /// <summary>The value that a node takes the entry of a turn's number from, along its first axis; null for other nodes.</summary>
    public static string? StackOf(NodeProto node, string? number) =>
        number is not null && node is { OpType: "Gather", Domain: "" or "ai.onnx" } && node.Input[1] == number
            && node.Attribute.All(a => a.Name != "axis" || a.I == 0)
            ? node.Input[0]
            : null;

    /// <summary>The initializer with one layer's part of a stack; null for what is no stack of weights.</summary>
    public string? Part(string stack, int layer)
    {
        if (!_stacks.TryGetValue(stack, out TensorProto? whole) || layer >= whole.Dims[0])
        {
            return null;
        }

        if (!_parts.TryGetValue((stack, layer), out string? name))
        {
            name = Text.Unique(string.Create(CultureInfo.InvariantCulture, $"{stack}[{layer}]"), names);
            var part = new TensorProto { Name = name };
            part.Dims.AddRange(whole.Dims.Skip(1));
            TensorData data = model.DataOf(whole);
            long count = data.Count / whole.Dims[0];
            model.SetData(part, new SliceTensorData(data, layer * count, count));
            model.Proto.Graph.Initializer.Add(part);
            _parts[(stack, layer)] = name;
        }

        return name;
    }

    /// <summary>Takes stacks out of the model that nothing reads as a whole any more.</summary>
    public void DropUnread()
    {
        if (_parts.Count == 0)
        {
            return;
        }

        HashSet<string> read = Naming.Read(model.Proto.Graph);
        foreach (string stack in _parts.Keys.Select(k => k.Item1).Distinct().Where(s => !read.Contains(s)).ToList())
        {
            model.Proto.Graph.Initializer.Remove(_stacks[stack]);
        }
    }
}
