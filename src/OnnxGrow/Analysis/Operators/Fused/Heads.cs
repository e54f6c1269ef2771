using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>What attention reads or writes: heads, and the size of each.</summary>
internal sealed record Heads(Axis Count, Axis Size)
{
    /// <summary>Cuts an axis of heads times size; null where it does not divide so.</summary>
    public static Heads? Cut(Axis axis, long count, Flow flow)
    {
        List<Factor> factors = axis.Resolve();
        return count > 0 && flow.System.Take(factors, count, fromEnd: false) is { } outer
            ? new Heads(new Axis([.. outer]), new Axis([.. factors]))
            : null;
    }

    /// <summary>The axis of all heads one after the other.</summary>
    public Axis Joined() => new([.. Count.Resolve(), .. Size.Resolve()]);

    /// <summary>Lets a single-integer attribute follow the number of heads.</summary>
    public static void Follow(Axis count, Node node, string attribute, Flow flow)
    {
        if (node.Attribute(attribute) is { } given && count.Extent is not null)
        {
            flow.Slots.Add(new SizeSlot(node, -1, attribute, -1, new ConstantSize(given.I, null), new AxisSize(count)));
        }
    }
}
