using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Looks entries up along an axis: embeddings, the class token, one size of a shape.</summary>
[Operator("Gather")]
internal sealed class Gather : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool TakesSizes(Node node, int input) => input == 1;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Value data = node.Input(0)!;
        Value indices = node.Input(1)!;
        Axis[] axes = data.Axes!;
        long axis = node.Int("axis", 0);
        int at = (int)(axis < 0 ? axis + axes.Length : axis);
        long[]? known = Positions.Of(indices);
        Analysis.Flow.Set(node.Output(0), [.. axes[..at], .. indices.Axes!, .. axes[(at + 1)..]]);
        foreach (Axis index in indices.Axes!)
        {
            flow.Require(index, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} takes it as indices");
        }

        if (data.Elements is { } elements && axes.Length == 1 && known is not null)
        {
            if (known.All(k => k >= -elements.Length && k < elements.Length))
            {
                Analysis.Flow.SetElements(node.Output(0), [.. known.Select(k => elements[k < 0 ? k + elements.Length : k])]);
            }

            return null;
        }

        // c x y with the index on c: one of the equal parts ("q", "k" or "v" of a fused projection).
        flow.Freeze(axes[at], node, known is null
            ? $"{node.Display} looks entries up along it"
            : $"{node.Display} takes entry {string.Join(", ", known.Take(4))} of it", known is null ? FreezeKind.Lookup : FreezeKind.Fixed);
        if (known is null)
        {
            flow.Lookups.Add(new Lookup(axes[at], node, 1, data));
        }

        return null;
    }
}
