using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Softmax and its kin: every entry of the axis depends on all others, so it cannot grow.</summary>
[Operator("Softmax")]
[Operator("LogSoftmax")]
[Operator("Hardmax")]
internal sealed class Softmax : Operator
{
    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        bool flattens = flow.Graph.Opset is > 0 and < 13;
        long axis = node.Int("axis", flattens ? 1 : -1);
        axis = axis < 0 ? axis + axes.Length : axis;
        for (int i = 0; i < axes.Length; i++)
        {
            if (i == axis || (flattens && i > axis))
            {
                flow.Freeze(axes[i], node, $"{node.Display} normalises over it");
            }
            else
            {
                flow.Require(axes[i], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
            }
        }

        Analysis.Flow.Set(node.Output(0), axes);
        return null;
    }
}
