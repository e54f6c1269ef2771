using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>Packs the tokens of a batch without their padding, and puts it back.</summary>
[Operator("RemovePadding", Domain = Domains.Microsoft)]
[Operator("RestorePadding", Domain = Domains.Microsoft)]
internal sealed class Padding : Operator
{
    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        bool removes = node.Proto.OpType == "RemovePadding";
        Analysis.Flow.Set(node.Output(0), removes ? [AxisSystem.NewAxis(null), axes[^1]] : [AxisSystem.NewAxis(null), AxisSystem.NewAxis(null), axes[^1]]);
        if (removes)
        {
            Analysis.Flow.Set(node.Output(1), axes[0], axes[1]);
            Analysis.Flow.Set(node.Output(2), AxisSystem.NewAxis(null));
            Analysis.Flow.Set(node.Output(3), Axis.One);
        }

        return null;
    }
}
