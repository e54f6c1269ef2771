using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Looks slices up by tuples of indices: the axes that the tuples count cannot grow, the inner ones pass.</summary>
[Operator("GatherND")]
internal sealed class GatherND : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] data = node.Input(0)!.Axes!;
        Axis[] indices = node.Input(1)!.Axes!;
        int batch = (int)node.Int("batch_dims", 0);
        if ((Broadcasting.IsOne(indices[^1]) ? 1 : indices[^1].Extent) is not { } tuple || batch + tuple > data.Length)
        {
            return $"{node.Display} takes tuples of a length that is not known before it runs";
        }

        int inner = batch + (int)tuple;
        foreach (Axis axis in data[..inner].Concat(indices))
        {
            flow.Freeze(axis, node, $"{node.Display} looks entries up along it");
        }

        Analysis.Flow.Set(node.Output(0), [.. indices[..^1], .. data[inner..]]);
        return null;
    }
}
