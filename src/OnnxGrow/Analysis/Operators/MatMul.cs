using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Matrix products over the last two axes, batched over the others.</summary>
[Operator("MatMul")]
internal sealed class MatMul : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] a = node.Input(0)!.Axes!;
        Axis[] b = node.Input(1)!.Axes!;
        if (a.Length == 0 || b.Length == 0)
        {
            return $"{node.Display} takes a scalar";
        }

        flow.Contract(a[^1], b.Length == 1 ? b[0] : b[^2], node);
        Axis[][] batch = Broadcasting.Align(a[..^Math.Min(2, a.Length)], b[..^Math.Min(2, b.Length)]);
        var result = new List<Axis>();
        foreach (Axis[] meeting in batch)
        {
            Axis merged = Broadcasting.Merge(meeting, node, flow);
            if (meeting.All(m => !Broadcasting.IsOne(m)))
            {
                flow.Require(merged, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} multiplies two batches");
            }

            result.Add(merged);
        }

        if (a.Length > 1)
        {
            result.Add(a[^2]);
        }

        if (b.Length > 1)
        {
            result.Add(b[^1]);
        }

        Analysis.Flow.Set(node.Output(0), [.. result]);
        return null;
    }
}
