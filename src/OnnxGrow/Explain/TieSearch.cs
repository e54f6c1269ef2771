using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Explain;

/// <summary>Finds shortest chains, breadth first over pairs of value and axis.</summary>
internal sealed class TieSearch(ModelMap map)
{
    public AxisLinks Links { get; } = new(map);

    /// <summary>The shortest chain to the nearest goal; null where none can be reached.</summary>
    /// <param name="from">The value to start at.</param>
    /// <param name="axis">Its axis.</param>
    /// <param name="size">The size that every axis on the way has.</param>
    /// <param name="isGoal">Where to end.</param>
    public TieChain? Find(Value from, int axis, SizeClass size, Func<Value, int, bool> isGoal)
    {
        var before = new Dictionary<(Value, int), ((Value, int) From, TieStep Step)?> { [(from, axis)] = null };
        var work = new Queue<(Value Value, int Axis)>([(from, axis)]);
        while (work.TryDequeue(out (Value Value, int Axis) at))
        {
            if (isGoal(at.Value, at.Axis))
            {
                return ChainTo(at, from, axis, before);
            }

            foreach (TieStep step in Links.From(at.Value, at.Axis, size))
            {
                if (before.TryAdd((step.To, step.ToAxis), (at, step)))
                {
                    work.Enqueue((step.To, step.ToAxis));
                }
            }
        }

        return null;
    }

    private static TieChain ChainTo((Value, int) end, Value from, int axis, Dictionary<(Value, int), ((Value, int) From, TieStep Step)?> before)
    {
        var steps = new Stack<TieStep>();
        while (before[end] is { } last)
        {
            steps.Push(last.Step);
            end = last.From;
        }

        return new TieChain(from, axis, [.. steps]);
    }
}
