using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Removes and inserts axes of extent 1.</summary>
[Operator("Squeeze")]
[Operator("Unsqueeze")]
internal sealed class Squeeze : Operator
{
    public override bool TakesSizes(Node node, int input) => input == 1;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        long[]? over = node.Ints("axes");
        if (over is null && node.Input(1) is { } input)
        {
            over = Positions.Of(input);
            if (over is null)
            {
                return $"the axes of {node.Display} are not known before it runs";
            }
        }

        // The elements of a tensor of sizes stay the same whatever its rank.
        Analysis.Flow.SetElements(node.Output(0), node.Input(0)!.Elements);
        if (node.Is("Unsqueeze"))
        {
            int rank = axes.Length + (over?.Length ?? 0);
            var inserted = (over ?? []).Select(a => a < 0 ? a + rank : a).ToHashSet();
            var rest = new Queue<Axis>(axes);
            var result = new Axis[rank];
            for (int i = 0; i < rank; i++)
            {
                result[i] = inserted.Contains(i) ? Axis.One : rest.Dequeue();
            }

            Analysis.Flow.Set(node.Output(0), result);
            return null;
        }

        var removed = over?.Select(a => a < 0 ? a + axes.Length : a).ToHashSet();
        Analysis.Flow.Set(node.Output(0), [.. axes.Where((a, i) => removed is null ? !Broadcasting.IsOne(a) : !removed.Contains(i))]);
        return null;
    }
}

/// <summary>Constant integer lists.</summary>
internal static class Positions
{
    /// <summary>The elements, where all are known; null otherwise.</summary>
    public static long[]? Of(Value? value)
    {
        if (value?.Elements is not { } elements)
        {
            return null;
        }

        var known = new long[elements.Length];
        for (int i = 0; i < known.Length; i++)
        {
            if (elements[i].Known is not { } k)
            {
                return null;
            }

            known[i] = k;
        }

        return known;
    }
}
