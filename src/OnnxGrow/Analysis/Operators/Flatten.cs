using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>All axes before 'axis' become one, and all from it on another.</summary>
[Operator("Flatten")]
internal sealed class Flatten : Operator
{
    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        long axis = node.Int("axis", 1);
        int at = (int)Math.Clamp(axis < 0 ? axis + axes.Length : axis, 0, axes.Length);
        Analysis.Flow.Set(node.Output(0), Join(axes[..at]), Join(axes[at..]));
        return null;
    }

    private static Axis Join(Axis[] axes) => new([.. axes.SelectMany(a => a.Resolve())]);
}
