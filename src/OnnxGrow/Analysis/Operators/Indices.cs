using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Numbers of the entries that are not zero.</summary>
[Operator("NonZero")]
internal sealed class NonZero : Operator
{
    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        foreach (Axis axis in axes)
        {
            flow.Freeze(axis, node, $"{node.Display} counts its entries");
        }

        Analysis.Flow.Set(node.Output(0), AxisSystem.NewAxis(axes.Length), AxisSystem.NewAxis(null));
        return null;
    }
}

/// <summary>The largest entries of an axis: copies would crowd out others.</summary>
[Operator("TopK")]
internal sealed class TopK : Operator
{
    public override bool TakesSizes(Node node, int input) => input == 1;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        int at = AxisIndex.Of(node, axes.Length, -1);
        long? count = node.Attribute("k")?.I ?? (node.Input(1)?.Elements is [var k] ? k.Known : null);
        Axis taken = AxisSystem.NewAxis(count);
        flow.Freeze(axes[at], node, $"{node.Display} takes the largest of its entries, and copies would crowd out others (rule 3.17)");
        flow.Freeze(taken, node, $"{node.Display} takes that many entries");
        Axis[] result = [.. axes.Select((a, i) => i == at ? taken : a)];
        for (int i = 0; i < axes.Length; i++)
        {
            if (i != at)
            {
                flow.Require(axes[i], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
            }
        }

        foreach (Value? output in node.Outputs)
        {
            Analysis.Flow.Set(output, result);
        }

        return null;
    }
}

/// <summary>A one for each index, zeros elsewhere.</summary>
[Operator("OneHot")]
internal sealed class OneHot : Operator
{
    public override bool TakesSizes(Node node, int input) => input == 1;

    public override int RequiredInputs(Node node) => 2;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        int at = AxisIndex.Of(node, axes.Length + 1, -1);
        Axis depth = AxisSystem.NewAxis(node.Input(1)!.Elements is [var d] ? d.Known : null);
        flow.Freeze(depth, node, $"{node.Display} numbers its entries");
        foreach (Axis axis in axes)
        {
            flow.Require(axis, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} takes indices along it");
        }

        Analysis.Flow.Set(node.Output(0), [.. axes[..at], depth, .. axes[at..]]);
        return null;
    }
}
