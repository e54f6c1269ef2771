using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Reads extents; whatever is computed from them follows the growth by itself.</summary>
[Operator("Shape")]
[Operator("Size")]
internal sealed class Shape : Operator
{
    public override bool TakesSizes(Node node, int input) => true;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        if (node.Is("Size"))
        {
            Analysis.Flow.Set(node.Output(0));
            SizeExpression[] all = [.. axes.Select(a => (SizeExpression)new AxisSize(a))];
            Analysis.Flow.SetElements(node.Output(0), [all.Aggregate((SizeExpression)new ConstantSize(1, null), (x, y) => new BinarySize('*', x, y))]);
            return null;
        }

        int start = Clamp(node.Int("start", 0), axes.Length);
        int end = Clamp(node.Int("end", axes.Length), axes.Length);
        SizeExpression[] sizes = [.. axes[start..Math.Max(start, end)].Select(a => (SizeExpression)(a.Factors.Length == 0 ? new ConstantSize(1, null) : new AxisSize(a)))];
        Analysis.Flow.Set(node.Output(0), AxisSystem.NewAxis(sizes.Length));
        Analysis.Flow.SetElements(node.Output(0), sizes);
        return null;
    }

    private static int Clamp(long index, int rank) => (int)Math.Clamp(index < 0 ? index + rank : index, 0, rank);
}
