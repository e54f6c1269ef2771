using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Reductions: the reduced axes cannot grow, the others pass.</summary>
[Operator("ReduceMean")]
[Operator("ReduceSum")]
[Operator("ReduceMax")]
[Operator("ReduceMin")]
[Operator("ReduceProd")]
[Operator("ReduceL1")]
[Operator("ReduceL2")]
[Operator("ReduceSumSquare")]
[Operator("ReduceLogSum")]
[Operator("ReduceLogSumExp")]
[Operator("ArgMax")]
[Operator("ArgMin")]
internal sealed class Reduce : Operator
{
    public override bool TakesSizes(Node node, int input) => input == 1;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        bool arg = node.Proto.OpType.StartsWith("Arg", StringComparison.Ordinal);
        long[]? over = arg ? [node.Int("axis", 0)] : node.Ints("axes");
        if (over is null && node.Input(1) is { } input)
        {
            if (input.Elements?.Select(e => e.Known).ToArray() is not { } known || known.Any(k => k is null))
            {
                return $"the axes of {node.Display} are not known before it runs";
            }

            over = [.. known.Select(k => k!.Value)];
        }

        if (over is null or [])
        {
            over = node.Int("noop_with_empty_axes", 0) != 0 ? [] : [.. Enumerable.Range(0, axes.Length).Select(i => (long)i)];
        }

        var reduced = over.Select(a => a < 0 ? a + axes.Length : a).ToHashSet();
        bool keep = node.Int("keepdims", 1) != 0;
        bool linear = node.Is("ReduceMean") || node.Is("ReduceSum");
        var result = new List<Axis>();
        for (int i = 0; i < axes.Length; i++)
        {
            if (!reduced.Contains(i))
            {
                result.Add(axes[i]);
                if (!linear)
                {
                    flow.Require(axes[i], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
                }

                continue;
            }

            bool sums = node.Is("ReduceSum") || node.Is("ReduceL1") || node.Is("ReduceL2") || node.Is("ReduceSumSquare");
            if (sums && axes[i].Extent is not null && !node.Input(0)!.IsStatic)
            {
                flow.Sums.Add(new SumUse(axes[i], node, node.Is("ReduceSum")));
            }
            else
            {
                flow.Freeze(axes[i], node, $"{node.Display} reduces over it");
            }

            if (keep)
            {
                result.Add(Axis.One);
            }
        }

        Analysis.Flow.Set(node.Output(0), [.. result]);
        if (node.Is("ReduceProd") && node.Input(0)!.Elements is { Length: > 0 } elements)
        {
            Analysis.Flow.SetElements(node.Output(0), [elements.Aggregate((x, y) => new BinarySize('*', x, y))]);
        }

        return null;
    }
}
