using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>Attention of ONNX Runtime with its projection: weights hold q | k | v side by side, each heads times size.</summary>
[Operator("Attention", Domain = Domains.Microsoft)]
[Operator("PackedAttention", Domain = Domains.Microsoft)]
internal sealed class FusedAttention : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool MixesWeights(Node node) => true;

    public override IEnumerable<int> HandsOn(Node node, int output) => output == 1 ? [4] : [];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] input = node.Input(0)!.Axes!;
        Axis[] weight = node.Input(1)!.Axes!;
        if (weight.Length != 2 || weight[1].Extent is not { } width || node.Int("do_rotary", 0) != 0)
        {
            return $"{node.Display} takes a matrix of weights and no rotary embeddings inside";
        }

        flow.Contract(input[^1], weight[0], node);
        long[] sizes = node.Ints("qkv_hidden_sizes") ?? [width / 3, width / 3, width / 3];
        long count = node.Int("num_heads", 0);
        if (sizes.Length != 3 || sizes.Sum() != width || AxisCut.Into(weight[1], sizes, flow) is not { } parts
            || Heads.Cut(parts[0], count, flow) is not { } query || Heads.Cut(parts[1], count, flow) is not { } key || Heads.Cut(parts[2], count, flow) is not { } value)
        {
            return $"{node.Display} has {count} heads, into which its weights do not divide";
        }

        if (node.Input(2)?.Axes is [var bias])
        {
            flow.Unify(bias, weight[1], node);
        }

        foreach (Axis part in parts)
        {
            // What the weights write is seen nowhere but inside.
            flow.Inside.Add(part);
        }

        if (AttentionFlow.Run(query, key, value, node, flow) is not { } result)
        {
            return $"{node.Display} has heads that do not divide";
        }

        Follow(node, parts, query, flow);
        if (node.Proto.OpType == "PackedAttention")
        {
            Analysis.Flow.Set(node.Output(0), input[0], result.Joined());
            return null;
        }

        Analysis.Flow.Set(node.Output(0), input[0], input[1], result.Joined());
        MultiHeadAttention.FreezeMask(node, 5, query.Count, flow);
        if (node.Input(4)?.Axes is { Length: 5 } past)
        {
            // Keys and values stacked: [2, batch, heads, positions, size].
            flow.Freeze(past[0], node, $"{node.Display} takes keys and values from it");
            flow.Unify(past[2], key.Count, node);
            flow.Unify(past[4], key.Size, node);
        }

        if (node.Output(1) is null)
        {
            return null;
        }

        Axis heads = flow.Unify(key.Count, value.Count, node);
        Axis size = flow.Unify(key.Size, value.Size, node);
        Analysis.Flow.Set(node.Output(1), node.Input(4)?.Axes?[0] ?? AxisSystem.NewAxis(2), input[0], heads, AxisSystem.NewAxis(null), size);
        return null;
    }

    private static void Follow(Node node, Axis[] parts, Heads query, Flow flow)
    {
        Heads.Follow(query.Count, node, "num_heads", flow);
        if (node.Ints("qkv_hidden_sizes") is { } sizes)
        {
            for (int i = 0; i < 3; i++)
            {
                flow.Slots.Add(new SizeSlot(node, -1, "qkv_hidden_sizes", i, new ConstantSize(sizes[i], null), new AxisSize(parts[i])));
            }
        }
        else
        {
            // Without the attribute the three are a third each.
            flow.System.SameSize(parts[0], parts[1]);
            flow.System.SameSize(parts[0], parts[2]);
        }
    }
}
