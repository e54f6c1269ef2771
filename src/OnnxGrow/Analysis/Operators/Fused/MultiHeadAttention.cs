using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>
/// Attention of ONNX Runtime on projected queries, keys and values, each [batch, positions, heads x size]; keys and values of
/// another model's states may have their heads as an axis of their own; packed forms hold two or three of them.
/// </summary>
[Operator("MultiHeadAttention", Domain = Domains.Microsoft)]
[Operator("PackedMultiHeadAttention", Domain = Domains.Microsoft)]
internal sealed class MultiHeadAttention : Operator
{
    public override IEnumerable<int> HandsOn(Node node, int output) => output == 1 ? [6] : output == 2 ? [7] : [];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] input = node.Input(0)!.Axes!;
        long count = node.Int("num_heads", 0);
        bool packedTokens = node.Proto.OpType == "PackedMultiHeadAttention";
        Heads?[] heads = input.Length == (packedTokens ? 4 : 5) ? Packed(input, 3, node, flow)
            : node.Input(1)?.Axes is { Length: 5 } both ? [Heads.Cut(input[^1], count, flow), .. Packed(both, 2, node, flow)]
            : [.. Enumerable.Range(0, 3).Select(i => Of(node.Input(i)?.Axes, count, flow))];
        if (heads is not [{ } query, { } key, { } value])
        {
            return $"{node.Display} has {count} heads, into which its inputs do not divide";
        }

        if (node.Input(3)?.Axes is [var bias])
        {
            // One bias for all three, each part along the heads of its own.
            Axis parts = new(new Concatenation([query.Joined(), key.Joined(), value.Joined()]));
            flow.Unify(bias, parts, node);
        }

        if (AttentionFlow.Run(query, key, value, node, flow) is not { } result)
        {
            return $"{node.Display} has heads of queries and of keys that do not divide";
        }

        Heads.Follow(query.Count, node, "num_heads", flow);
        FreezeMask(node, packedTokens ? 6 : 5, query.Count, flow);
        Analysis.Flow.Set(node.Output(0), packedTokens ? [input[0], result.Joined()] : [input[0], input[1], result.Joined()]);
        if (!packedTokens)
        {
            AttentionFlow.Cache(node.Input(6), node.Output(1), key, input[0], node, flow);
            AttentionFlow.Cache(node.Input(7), node.Output(2), value, input[0], node, flow);
        }

        return null;
    }

    private static Heads? Of(Axis[]? axes, long count, Flow flow) => axes switch
    {
        { Length: 4 } => new Heads(axes[1], axes[3]),
        { Length: 2 or 3 } => Heads.Cut(axes[^1], count, flow),
        _ => null,
    };

    /// <summary>[batch, positions, heads, 3 or 2, size].</summary>
    private static Heads?[] Packed(Axis[] axes, int parts, Node node, Flow flow)
    {
        flow.Freeze(axes[^2], node, $"{node.Display} takes queries, keys and values from it");
        return [.. Enumerable.Repeat(new Heads(axes[^3], axes[^1]), parts)];
    }

    /// <summary>A bias on the scores has the heads as an axis; positions do not grow.</summary>
    internal static void FreezeMask(Node node, int input, Axis heads, Flow flow)
    {
        if (node.Input(input)?.Axes is not { Length: 4 } axes)
        {
            return;
        }

        if (!Broadcasting.IsOne(axes[1]))
        {
            flow.Unify(axes[1], heads, node);
            flow.Require(axes[1], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} adds it to the scores");
        }

        flow.Freeze(axes[2], node, $"{node.Display} takes it for positions");
        flow.Freeze(axes[3], node, $"{node.Display} takes it for positions");
    }
}
