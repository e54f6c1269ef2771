using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Adds entries at the ends of axes; an axis to which none are added passes.</summary>
[Operator("Pad")]
internal sealed class Pad : Operator
{
    public override bool TakesSizes(Node node, int input) => input > 0;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        SizeExpression[]? pads = node.Ints("pads")?.Select(p => (SizeExpression)new ConstantSize(p, null)).ToArray() ?? node.Input(1)?.Elements;
        long[]? over = node.Input(3) is { } given ? Positions.Of(given) : [.. Enumerable.Range(0, axes.Length).Select(i => (long)i)];
        if (over is null || (pads is not null && pads.Length != 2 * over.Length))
        {
            return $"what {node.Display} adds is not known before it runs";
        }

        var result = (Axis[])axes.Clone();
        for (int i = 0; i < over.Length; i++)
        {
            int at = (int)(over[i] < 0 ? over[i] + axes.Length : over[i]);
            long? before = pads?[i].Known;
            long? after = pads?[i + over.Length].Known;
            if (before == 0 && after == 0)
            {
                continue;
            }

            flow.Freeze(axes[at], node, $"{node.Display} adds entries to it");
            result[at] = AxisSystem.NewAxis(axes[at].Extent + before + after);
            flow.Freeze(result[at], node, $"{node.Display} adds entries to it");
        }

        Analysis.Flow.Set(node.Output(0), result);
        return null;
    }
}
