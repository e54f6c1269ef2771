using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>
/// Attention as one operator: softmax(q k^T * scale) v for every head, where groups of query heads may share keys and
/// values.
/// </summary>
internal static class AttentionFlow
{
    /// <summary>Says what the heads of queries, keys and values need of each other.</summary>
    /// <returns>The heads of the result; null where the heads do not divide.</returns>
    public static Heads? Run(Heads query, Heads key, Heads value, Node node, Flow flow)
    {
        List<Factor> rest = query.Count.Resolve();
        if (key.Count.Extent is not { } shared || flow.System.Take(rest, shared, fromEnd: false) is not { } own)
        {
            return null;
        }

        var group = new Axis([.. rest]);
        Axis scores = flow.Multiply(new Axis([.. own]), key.Count, node);
        flow.Require(scores, CarrierNeed.NoZero, node, $"{node.Display} weighs values even where queries and keys are zero");
        flow.Require(group, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
        Axis results = flow.Multiply(scores, value.Count, node);
        flow.Contract(query.Size, key.Size, node, node.Outputs[0]!, node.Outputs[0]!);
        flow.Attentions.Add(new AttentionUse([new Axis([.. own, .. rest])], query.Size, node));
        flow.Attentions.Add(new AttentionUse([], value.Size, node));
        if (query.Size.Extent is { } size)
        {
            flow.DefaultScales.Add(new DefaultScale(node, query.Size, 1 / Math.Sqrt(size)));
        }

        return new Heads(new Axis([.. results.Resolve(), .. group.Resolve()]), value.Size);
    }

    /// <summary>A cache of keys or values, [batch, heads, positions, size], and what it becomes.</summary>
    public static void Cache(Value? past, Value? present, Heads heads, Axis batch, Node node, Flow flow)
    {
        if (past?.Axes is { Length: 4 } axes)
        {
            flow.Unify(axes[1], heads.Count, node);
            flow.Unify(axes[3], heads.Size, node);
        }

        Analysis.Flow.Set(present, batch, heads.Count, AxisSystem.NewAxis(null), heads.Size);
    }
}
