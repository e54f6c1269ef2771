using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Explain;

/// <summary>The weight that best stands for the residual width: what first writes the stream.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="What">What it is, for a person.</param>
internal sealed record Landmark(Value Weight, string What)
{
    /// <summary>The landmark of a dimension; null for all but the residual width, where the nearest other weight serves better.</summary>
    public static Landmark? Of(ModelMap map, Dimension dimension)
    {
        if (dimension.Role != DimensionRole.Hidden)
        {
            return null;
        }

        Value[] tables = [.. map.Flow.Lookups.Select(l => Leaf(l.Table)).OfType<Value>()
            .Where(v => v.Axes is { Length: 2 } axes && axes.Any(a => AxisLinks.Has(a, dimension.Size)))];
        var names = new AxisText(map);
        if (tables.FirstOrDefault(t => t.Axes!.Any(a => names.DimensionsOf(a).Any(d => d.Role == DimensionRole.Vocabulary))) is { } tokens)
        {
            return new Landmark(tokens, "the table of tokens");
        }

        Node? patches = map.Graph.Nodes.FirstOrDefault(n => n.Is("Conv") && n.Input(0) is { IsStatic: false } && Leaf(n.Input(1)) is not null);
        if (patches is not null && Leaf(patches.Input(1)) is { } kernel && kernel.Axes!.Any(a => AxisLinks.Has(a, dimension.Size)))
        {
            return new Landmark(kernel, "the patch embedding");
        }

        Value? first = map.Weights().Where(w => w.Consumers.Count > 0 && w.Axes!.Any(a => AxisLinks.Has(a, dimension.Size)))
            .MinBy(w => w.Consumers.Min(u => u.Node.Index));
        return first is null ? null : new Landmark(first, "the first weight that has it");
    }

    private static Value? Leaf(Value? value)
    {
        while (value is { IsStatic: true, Tensor: null, Producer: { } node })
        {
            value = node.Input(0);
        }

        return value is { Tensor: { } tensor } && ElementTypes.IsGrowable((ElementType)tensor.DataType) ? value : null;
    }
}
