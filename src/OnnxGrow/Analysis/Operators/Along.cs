using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Operators that work along one or two axes, keep the shape, and hand the other axes on.</summary>
[Operator("Trilu")]
[Operator("Trilu", Domain = Fused.Domains.Microsoft)]
[Operator("CumSum")]
internal sealed class Along : Operator
{
    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        HashSet<int> special = node.Proto.OpType == "Trilu" ? [axes.Length - 2, axes.Length - 1]
            : Positions.Of(node.Input(1)) is [var axis] ? [(int)(axis < 0 ? axis + axes.Length : axis)]
            : [.. Enumerable.Range(0, axes.Length)];
        for (int i = 0; i < axes.Length; i++)
        {
            if (special.Contains(i))
            {
                flow.Freeze(axes[i], node, $"{node.Display} works along it");
            }
        }

        Analysis.Flow.Set(node.Output(0), axes);
        return null;
    }
}
