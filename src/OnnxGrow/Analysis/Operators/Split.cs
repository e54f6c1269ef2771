using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Cuts an axis into parts: "q | k | v".</summary>
[Operator("Split")]
internal sealed class Split : Operator
{
    public override bool TakesSizes(Node node, int input) => input == 1;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        long axis = node.Int("axis", 0);
        int at = (int)(axis < 0 ? axis + axes.Length : axis);
        Axis whole = axes[at];
        int count = node.Outputs.Count;
        if (whole.Extent is not { } extent)
        {
            foreach (Value? output in node.Outputs)
            {
                Analysis.Flow.Set(output, [.. axes[..at], AxisSystem.NewAxis(null), .. axes[(at + 1)..]]);
            }

            return null;
        }

        SizeExpression[]? given = node.Ints("split")?.Select(s => (SizeExpression)new ConstantSize(s, null)).ToArray();
        if (given is null && node.Input(1) is { } input)
        {
            given = input.Elements;
        }

        long[] sizes = given is null
            ? [.. Enumerable.Repeat(extent / count, count)]
            : [.. given.Select(g => g.Known ?? -1)];
        if (sizes.Length != count || sizes.Any(s => s <= 0) || sizes.Sum() != extent)
        {
            return $"{node.Display} cuts an axis of {extent} into parts that are not known";
        }

        Axis[]? parts = AxisCut.Into(whole, sizes, flow);
        if (parts is null)
        {
            return $"{node.Display} cuts the axis {whole} where its factors cannot be kept apart";
        }

        for (int i = 0; i < count; i++)
        {
            Analysis.Flow.Set(node.Outputs[i], [.. axes[..at], parts[i], .. axes[(at + 1)..]]);
            if (given is not null)
            {
                bool attribute = node.Ints("split") is not null;
                flow.Slots.Add(new SizeSlot(node, attribute ? -1 : 1, attribute ? "split" : null, i, given[i], new AxisSize(parts[i])));
            }
        }

        return null;
    }
}

/// <summary>Cuts axes into consecutive parts.</summary>
internal static class AxisCut
{
    /// <summary>The parts of these extents, or null where the axis cannot be cut there.</summary>
    public static Axis[]? Into(Axis axis, long[] sizes, Flow flow)
    {
        List<Factor> factors = axis.Resolve();

        // c x y with c equal parts of extent y: each part is y.
        if (factors.Count > 0 && factors[0].Extent == sizes.Length && sizes.All(s => s == sizes[0]) && (factors.Count > 1 || sizes[0] == 1))
        {
            flow.Freeze(new Axis(factors[0]), null, "it counts the equal parts that the axis is cut into");
            var part = new Axis([.. factors.Skip(1)]);
            return [.. sizes.Select(_ => part)];
        }

        Axis[] parts = [.. sizes.Select(s => AxisSystem.NewAxis(s))];
        return flow.System.Unify(axis, new Axis(new Concatenation([.. parts]))) ? parts : null;
    }
}
