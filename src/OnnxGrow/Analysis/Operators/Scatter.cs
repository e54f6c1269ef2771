using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Writes entries into a tensor by indices: the axes that are indexed cannot grow, the others pass.</summary>
[Operator("ScatterElements")]
[Operator("Scatter")]
[Operator("ScatterND")]
internal sealed class Scatter : Operator
{
    public override int RequiredInputs(Node node) => 3;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] data = node.Input(0)!.Axes!;
        Axis[] indices = node.Input(1)!.Axes!;
        Axis[] updates = node.Input(2)!.Axes!;
        Analysis.Flow.Set(node.Output(0), data);
        string why = $"{node.Display} writes entries of it by their number";
        if (node.Is("ScatterND"))
        {
            foreach (Axis axis in indices)
            {
                flow.Freeze(axis, node, why);
            }

            if ((Broadcasting.IsOne(indices[^1]) ? 1 : indices[^1].Extent) is not { } tuple)
            {
                return $"{node.Display} takes tuples of a length that is not known before it runs";
            }

            for (int i = 0; i < data.Length; i++)
            {
                int update = updates.Length - (data.Length - i);
                if (i < tuple || update < 0)
                {
                    flow.Freeze(data[i], node, why);
                }
                else if (!Broadcasting.IsOne(data[i]) && !Broadcasting.IsOne(updates[update]))
                {
                    flow.Unify(data[i], updates[update], node);
                }
            }

            return null;
        }

        int at = AxisIndex.Of(node, data.Length, 0);
        for (int i = 0; i < data.Length; i++)
        {
            if (i == at)
            {
                foreach (Axis axis in new[] { data[i], indices[i], updates[i] })
                {
                    flow.Freeze(axis, node, why);
                }

                continue;
            }

            Axis merged = Broadcasting.Merge([data[i], indices[i], updates[i]], node, flow);
            flow.Require(merged, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} takes indices along it");
        }

        return null;
    }
}
