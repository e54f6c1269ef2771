using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Picks entries along an axis, an index an entry; the other axes are the same for data and indices.</summary>
[Operator("GatherElements")]
internal sealed class GatherElements : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] data = node.Input(0)!.Axes!;
        Axis[] indices = node.Input(1)!.Axes!;
        int at = AxisIndex.Of(node, data.Length, 0);
        var result = new Axis[data.Length];
        for (int i = 0; i < data.Length; i++)
        {
            if (i == at)
            {
                flow.Freeze(data[i], node, $"{node.Display} picks entries of it");
                flow.Freeze(indices[i], node, $"{node.Display} takes it as indices");
                result[i] = indices[i];
                continue;
            }

            result[i] = Broadcasting.Merge([data[i], indices[i]], node, flow);
            flow.Require(result[i], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} takes indices along it");
        }

        Analysis.Flow.Set(node.Output(0), result);
        return null;
    }
}

/// <summary>The attribute 'axis', counted from the front.</summary>
internal static class AxisIndex
{
    public static int Of(Node node, int rank, long missing)
    {
        long axis = node.Int("axis", missing);
        axis = axis < 0 ? axis + rank : axis;
        return axis >= 0 && axis < rank ? (int)axis : throw new ArgumentException("axis out of range");
    }
}
