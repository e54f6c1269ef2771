using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Normalises every channel by numbers of its own: channels may be copied with all four of them (rule 2.8).</summary>
[Operator("BatchNormalization")]
internal sealed class BatchNormalization : Operator
{
    public override int RequiredInputs(Node node) => 5;

    public override string? Flow(Node node, Flow flow)
    {
        if (node.Int("training_mode", 0) != 0)
        {
            return $"{node.Display} is in training mode, in which every entry depends on the whole batch";
        }

        Axis[] axes = [.. node.Input(0)!.Axes!];
        int channel = axes.Length > 1 ? 1 : 0;
        for (int i = 1; i < 5; i++)
        {
            axes[channel] = Broadcasting.Merge([axes[channel], node.Input(i)!.Axes![0]], node, flow);
        }

        flow.Require(axes[channel], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} shifts and scales each channel by itself");
        for (int i = 0; i < axes.Length; i++)
        {
            if (i != channel)
            {
                flow.Require(axes[i], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
            }
        }

        foreach (Value? output in node.Outputs.Take(1))
        {
            Analysis.Flow.Set(output, axes);
        }

        return null;
    }
}
