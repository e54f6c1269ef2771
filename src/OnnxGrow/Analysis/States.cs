namespace OnnxGrow.Analysis;

/// <summary>
/// A state that the model takes and hands on, such as a layer's keys so far: the output holds the input's entries, and new
/// ones behind them. What is carried in it is the model's own affair, so its sizes may grow with the model.
/// </summary>
/// <param name="Input">The graph input.</param>
/// <param name="Output">The graph output.</param>
public sealed record ModelState(Value Input, Value Output);

/// <summary>Finds the states of a graph.</summary>
internal static class States
{
    public static IReadOnlyList<ModelState> Find(Graph graph)
    {
        var found = new List<ModelState>();
        var taken = new HashSet<Value>();
        foreach (Value output in graph.Outputs)
        {
            if (!output.IsGraphInput && Source(output) is { } input && Alike(input, output) && taken.Add(input))
            {
                found.Add(new ModelState(input, output));
            }
        }

        return found;
    }

    /// <summary>The graph input whose entries an output holds; null where there is none, or more than one.</summary>
    private static Value? Source(Value output)
    {
        Value? source = null;
        var seen = new HashSet<Value>();
        var work = new Stack<Value>([output]);
        while (work.TryPop(out Value? value))
        {
            if (value.IsGraphInput && value.Axes is { Length: > 1 })
            {
                if (source is not null && source != value)
                {
                    return null;
                }

                source = value;
            }

            if (value.Producer is not { } node || !seen.Add(value))
            {
                continue;
            }

            foreach (int index in OperatorTable.Find(node)?.HandsOn(node, value.OutputIndex) ?? [])
            {
                if (node.Input(index) is { IsStatic: false } input)
                {
                    work.Push(input);
                }
            }
        }

        return source;
    }

    /// <summary>Whether both have the same axes, but for those whose extents are dynamic.</summary>
    private static bool Alike(Value input, Value output)
    {
        if (input.Axes is not { } a || output.Axes is not { } b || a.Length != b.Length)
        {
            return false;
        }

        for (int i = 0; i < a.Length; i++)
        {
            bool dynamic = a[i].Extent is null && b[i].Extent is null;
            Axes.Atom[] left = [.. a[i].Atoms()];
            Axes.Atom[] right = [.. b[i].Atoms()];

            // Keys and values that are stacked in one tensor are an axis of two in the one and two parts in the other.
            bool counted = a[i].Extent is not null && a[i].Extent == b[i].Extent && (left.Length == 0 || right.Length == 0);
            if (!dynamic && !counted && !left.SequenceEqual(right))
            {
                return false;
            }
        }

        return true;
    }
}
