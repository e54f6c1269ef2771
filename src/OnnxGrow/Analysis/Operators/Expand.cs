using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Stretches axes of extent 1, and hands the others on.</summary>
[Operator("Expand")]
internal sealed class Expand : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool TakesSizes(Node node, int input) => input == 1;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] input = node.Input(0)!.Axes!;
        SizeExpression[]? target = node.Input(1)?.Elements;
        if (target is null)
        {
            return $"the target shape of {node.Display} is not known before it runs";
        }

        Axis[] wanted = [.. target.Select(t => t.ToAxis() ?? AxisSystem.NewAxis(null))];
        Axis[][] aligned = Broadcasting.Align(input, wanted);
        var result = new Axis[aligned.Length];
        for (int i = 0; i < aligned.Length; i++)
        {
            Axis own = aligned[i][0];
            Axis asked = aligned[i][1];
            int element = i - (aligned.Length - target.Length);
            // What is repeated is carried in a way of its own, whatever tensor the size is read off.
            result[i] = !Broadcasting.IsOne(own) ? own : asked.Extent is null ? asked : flow.System.Mirror(asked);
            if (element < 0)
            {
                continue;
            }

            if (Broadcasting.IsOne(own))
            {
                flow.Require(result[i], CarrierNeed.NoAverage | CarrierNeed.NoZero, node, $"{node.Display} repeats one entry along it");
            }

            if (result[i].Extent is not null && target[element].Known is not (null or 1 or -1))
            {
                flow.Slots.Add(new SizeSlot(node, 1, null, element, target[element], new AxisSize(result[i])));
            }
        }

        Analysis.Flow.Set(node.Output(0), result);
        return null;
    }
}
