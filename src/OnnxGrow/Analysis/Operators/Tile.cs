using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Repeats a tensor along axes; an axis that is repeated as a whole cannot grow, the others pass.</summary>
[Operator("Tile")]
internal sealed class Tile : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool TakesSizes(Node node, int input) => input == 1;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        SizeExpression[]? repeats = node.Input(1)?.Elements;
        if (repeats is null || repeats.Length != axes.Length)
        {
            return $"the repeats of {node.Display} are not known before it runs";
        }

        var result = new Axis[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            if (repeats[i].Known == 1)
            {
                result[i] = axes[i];
                continue;
            }

            if (Broadcasting.IsOne(axes[i]) && repeats[i].ToAxis() is { } repeated)
            {
                result[i] = repeated;
                flow.Require(repeated, CarrierNeed.NoAverage | CarrierNeed.NoZero, node, $"{node.Display} repeats one entry along it");
                if (repeated.Extent is not null)
                {
                    flow.Slots.Add(new SizeSlot(node, 1, null, i, repeats[i], new AxisSize(repeated)));
                }

                continue;
            }

            // Row-major: all of the axis, again and again.
            Axis times = repeats[i].ToAxis() ?? AxisSystem.NewAxis(null);
            flow.Require(times, CarrierNeed.NoAverage | CarrierNeed.NoZero, node, $"{node.Display} repeats a whole axis along it");
            result[i] = new Axis([.. times.Resolve(), .. axes[i].Resolve()]);
            if (times.Extent is not null)
            {
                flow.Slots.Add(new SizeSlot(node, 1, null, i, repeats[i], new AxisSize(times)));
            }
        }

        Analysis.Flow.Set(node.Output(0), result);
        return null;
    }
}
