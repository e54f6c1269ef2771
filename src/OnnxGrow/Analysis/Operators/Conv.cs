using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Convolution: the channels are summed over and written, the positions are not followed.</summary>
[Operator("Conv")]
internal sealed class Conv : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool MixesWeights(Node node) => node.Inputs.Any(i => i is { IsStatic: true, Axes.Length: > 1 }) && node.Inputs.Any(i => i is { IsStatic: false });

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] x = node.Input(0)!.Axes!;
        Axis[] w = node.Input(1)!.Axes!;
        if (x.Length < 3 || w.Length != x.Length)
        {
            return $"{node.Display} takes an image and a kernel of the same rank";
        }

        if (node.Int("group", 1) != 1)
        {
            return $"{node.Display} works in groups, across which channels cannot be copied";
        }

        flow.Contract(x[1], w[1], node);
        if (node.Input(2)?.Axes is [var bias])
        {
            flow.Unify(w[0], bias, node);
        }

        for (int i = 2; i < x.Length; i++)
        {
            flow.Freeze(x[i], node, $"{node.Display} slides along it");
            flow.Freeze(w[i], node, $"it is the kernel's extent in {node.Display}");
        }

        Axis[] places = [.. x.Skip(2).Select((axis, i) => AxisSystem.NewAxis(Extent(axis, i, w, node)))];
        foreach (Axis place in places)
        {
            flow.Freeze(place, node, $"{node.Display} makes it of places of its image");
        }

        Analysis.Flow.Set(node.Output(0), [x[0], w[0], .. places]);
        return null;
    }

    private static long? Extent(Axis input, int i, Axis[] w, Node node)
    {
        if (input.Extent is not { } size || w[i + 2].Extent is not { } kernel || node.Attribute("auto_pad")?.S.ToStringUtf8() is not (null or "NOTSET"))
        {
            return null;
        }

        long stride = node.Ints("strides")?[i] ?? 1;
        long dilation = node.Ints("dilations")?[i] ?? 1;
        long[]? pads = node.Ints("pads");
        long padding = pads is null ? 0 : pads[i] + pads[i + (pads.Length / 2)];
        return ((size + padding - (dilation * (kernel - 1)) - 1) / stride) + 1;
    }
}
