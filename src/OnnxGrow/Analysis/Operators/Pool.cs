using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Pooling and resampling of images: channels pass, places do not grow.</summary>
[Operator("MaxPool")]
[Operator("AveragePool")]
[Operator("LpPool")]
[Operator("GlobalAveragePool")]
[Operator("GlobalMaxPool")]
[Operator("Resize")]
[Operator("Upsample")]
internal sealed class Pool : Operator
{
    public override bool TakesSizes(Node node, int input) => input > 0;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        bool linear = node.Proto.OpType is "AveragePool" or "GlobalAveragePool" or "Resize" or "Upsample";
        bool global = node.Proto.OpType.StartsWith("Global", StringComparison.Ordinal);
        var result = (Axis[])axes.Clone();
        if (!linear)
        {
            flow.Require(axes[1], CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
        }

        for (int i = 2; i < axes.Length; i++)
        {
            flow.Freeze(axes[i], node, $"{node.Display} pools places of it");
            result[i] = global ? Axis.One : AxisSystem.NewAxis(null);
        }

        foreach (Value? output in node.Outputs)
        {
            Analysis.Flow.Set(output, result);
        }

        return null;
    }
}
