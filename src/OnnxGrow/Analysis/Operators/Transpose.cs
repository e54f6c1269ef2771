using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Axes in another order.</summary>
[Operator("Transpose")]
internal sealed class Transpose : Operator
{
    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        long[] order = node.Ints("perm") ?? [.. Enumerable.Range(0, axes.Length).Select(i => (long)(axes.Length - 1 - i))];
        if (order.Length != axes.Length || order.Any(o => o < 0 || o >= axes.Length))
        {
            return $"{node.Display} has a 'perm' that does not fit its input of rank {axes.Length}";
        }

        Analysis.Flow.Set(node.Output(0), [.. order.Select(o => axes[o])]);
        return null;
    }
}
