using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Numbers in a row: positions.</summary>
[Operator("Range")]
internal sealed class Range : Operator
{
    public override bool AcceptsUnknownShapes => true;

    public override int RequiredInputs(Node node) => 0;

    public override bool TakesSizes(Node node, int input) => true;

    public override string? Flow(Node node, Flow flow)
    {
        SizeExpression? start = node.Input(0)?.Elements is [var s] ? s : null;
        SizeExpression? limit = node.Input(1)?.Elements is [var l] ? l : null;
        SizeExpression? delta = node.Input(2)?.Elements is [var d] ? d : null;
        foreach (SizeExpression? e in new[] { start, limit, delta })
        {
            if (e is not null)
            {
                flow.FreezeSizes(e, node, $"{node.Display} counts up to it");
            }
        }

        bool counts = start?.Known == 0 && delta?.Known == 1;
        Axis axis = counts && limit is AxisSize size ? size.Axis
            : counts && limit?.Known is { } known ? AxisSystem.NewAxis(known)
            : AxisSystem.NewAxis(null);
        Analysis.Flow.Set(node.Output(0), axis);
        if (axis.Extent is not null)
        {
            flow.Freeze(axis, node, $"{node.Display} numbers its entries");
        }

        return null;
    }
}
