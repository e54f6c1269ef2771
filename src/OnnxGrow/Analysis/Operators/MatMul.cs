using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Matrix products over the last two axes, batched over the others.</summary>
[Operator("MatMul")]
internal sealed class MatMul : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool MixesWeights(Node node) => node.Inputs.Any(i => i is { IsStatic: true, Axes.Length: > 1 }) && node.Inputs.Any(i => i is { IsStatic: false });

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] a = node.Input(0)!.Axes!;
        Axis[] b = node.Input(1)!.Axes!;
        if (a.Length == 0 || b.Length == 0)
        {
            return $"{node.Display} takes a scalar";
        }

        Analysis.Flow.Set(node.Output(0), Multiply(a, b, node, flow));
        return null;
    }

    /// <summary>The axes of a product of matrices, batched over the axes before the last two.</summary>
    internal static Axis[] Multiply(Axis[] a, Axis[] b, Node node, Flow flow)
    {
        flow.Contract(a[^1], b.Length == 1 ? b[0] : b[^2], node);
        Axis[][] batch = Broadcasting.Align(a[..^Math.Min(2, a.Length)], b[..^Math.Min(2, b.Length)]);
        var result = new List<Axis>();
        foreach (Axis[] meeting in batch)
        {
            result.Add(Batch(meeting, node, flow));
        }

        if (a.Length > 1)
        {
            result.Add(a[^2]);
        }

        if (b.Length > 1)
        {
            result.Add(b[^1]);
        }

        if (result.Count > 2 && node.Inputs.All(i => !i!.IsStatic))
        {
            // q k^T sums over a head's size; the weighted sum of the values has it as its last axis. The other axes of both
            // are positions, which Softmax freezes.
            flow.Attentions.Add(new AttentionUse(result[..^2], a[^1], node));
            flow.Attentions.Add(new AttentionUse([], result[^1], node));
        }

        return [.. result];
    }

    private static Axis Batch(Axis[] meeting, Node node, Flow flow)
    {
        if (meeting.Any(Broadcasting.IsOne))
        {
            return Broadcasting.Merge(meeting, node, flow);
        }

        if (node.Inputs.All(i => !i!.IsStatic))
        {
            return flow.Multiply(meeting[0], meeting[1], node);
        }

        Axis merged = flow.Unify(meeting[0], meeting[1], node);
        flow.Require(merged, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} multiplies two batches");
        return merged;
    }
}
