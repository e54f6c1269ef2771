using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>How a convolution or pooling slides its window: an entry for each spatial axis.</summary>
/// <param name="Kernel">The window's extents.</param>
/// <param name="Strides">Its steps.</param>
/// <param name="Dilations">The distances of its elements.</param>
/// <param name="Pads">Padding in front along all axes, then behind; null where it depends on the extents (auto_pad).</param>
/// <param name="Upper">Whether auto_pad puts the odd element behind.</param>
internal sealed record Windows(long[] Kernel, long[] Strides, long[] Dilations, long[]? Pads, bool Upper)
{
    /// <summary>The number of spatial axes.</summary>
    public int Count => Kernel.Length;

    /// <summary>The spatial axes.</summary>
    public long[] Axes => [.. Enumerable.Range(2, Count).Select(a => (long)a)];

    /// <summary>The extents that a window covers.</summary>
    public long[] Covered => [.. Kernel.Zip(Dilations, (k, d) => ((k - 1) * d) + 1)];

    /// <summary>Whether windows lie side by side, each element in one of them at most.</summary>
    public bool SideBySide => Pads is not null && Pads.All(p => p == 0) && Dilations.All(d => d == 1) && Kernel.SequenceEqual(Strides);

    /// <summary>Those of a node.</summary>
    public static Windows Of(GradientEmitter at, long[] kernel)
    {
        long[] ones = [.. kernel.Select(_ => 1L)];
        long[] strides = at.IntList("strides") ?? ones;
        long[] dilations = at.IntList("dilations") ?? ones;
        string automatic = at.String("auto_pad", "NOTSET");
        bool upper = automatic == "SAME_UPPER";
        long[]? pads = at.IntList("pads") ?? new long[2 * kernel.Length];
        if (automatic == "VALID")
        {
            pads = new long[2 * kernel.Length];
        }
        else if (automatic != "NOTSET")
        {
            // With steps of one the extents stay, whatever they are.
            long[] all = [.. kernel.Zip(dilations, (k, d) => (k - 1) * d)];
            long[] front = [.. all.Select(p => upper ? p / 2 : p - (p / 2))];
            pads = strides.All(s => s == 1) ? [.. front, .. all.Zip(front, (a, f) => a - f)] : null;
        }

        return new Windows(kernel, strides, dilations, pads, upper);
    }

    /// <summary>The attributes of a convolution with these windows over a value that is padded already.</summary>
    public (string Name, object Value)[] Attributes(long group) => [("strides", Strides), ("dilations", Dilations), ("group", group)];

    /// <summary>The padding as a value, in front then behind: what auto_pad makes of the extents.</summary>
    public string PadsFor(GradientEmitter at, string x)
    {
        if (Pads is not null)
        {
            return at.Ints(Pads);
        }

        // Together max((ceil(n / s) - 1) s + covered - n, 0), as many in front as behind.
        string extents = at.Extents(x, 2, 2 + Count);
        string strides = at.Ints(Strides);
        string last = at.Mul(at.Div(at.Sub(extents, at.Int(1)), strides), strides);
        string all = at.Op("Max", at.Sub(at.Add(last, at.Ints(Covered)), extents), at.Int(0));
        string half = at.Div(all, at.Int(2));
        string rest = at.Sub(all, half);
        return Upper ? at.Op("Concat", [("axis", 0L)], half, rest) : at.Op("Concat", [("axis", 0L)], rest, half);
    }
}
