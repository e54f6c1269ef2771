using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>Attention of ONNX Runtime whose query heads share keys and values, with its cache, and rotary embeddings inside.</summary>
[Operator("GroupQueryAttention", Domain = Domains.Microsoft)]
internal sealed class GroupQueryAttention : Operator
{
    /// <summary>ONNX Runtime's kernels take heads of such sizes only.</summary>
    private const long HeadMultiple = 16;

    public override IEnumerable<int> HandsOn(Node node, int output) => output == 1 ? [3] : output == 2 ? [4] : [];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] input = node.Input(0)!.Axes!;
        long count = node.Int("num_heads", 0);
        long shared = node.Int("kv_num_heads", 0);
        Axis[]? parts = node.Input(1)?.Axes is { } keys && node.Input(2)?.Axes is { } values
            ? [input[^1], keys[^1], values[^1]]
            : count > 0 && shared > 0 && input[^1].Extent is { } width && width % (count + (2 * shared)) == 0
                ? AxisCut.Into(input[^1], [.. new[] { count, shared, shared }.Select(h => h * (width / (count + (2 * shared))))], flow)
                : null;
        if (parts is null || Heads.Cut(parts[0], count, flow) is not { } query || Heads.Cut(parts[1], shared, flow) is not { } key
            || Heads.Cut(parts[2], shared, flow) is not { } value)
        {
            return $"{node.Display} has {count} heads over {shared}, into which its inputs do not divide";
        }

        // One size for all: the operator takes it from the width and the number of heads.
        flow.System.SameSize(query.Size, key.Size);
        flow.System.SameSize(key.Size, value.Size);
        flow.Multiples.Add(new MultipleOf(query.Size, HeadMultiple, node));
        if (node.Int("do_rotary", 0) != 0)
        {
            Value[] tables = [.. new[] { node.Input(7), node.Input(8) }.Where(t => t is not null)!];
            bool interleaved = node.Int("rotary_interleaved", 0) != 0;
            Axis? turnedQuery = RotaryFlow.Turn(query.Size, tables, interleaved, node, flow);
            Axis? turnedKey = RotaryFlow.Turn(key.Size, tables, interleaved, node, flow);
            if (turnedQuery is null || turnedKey is null)
            {
                return $"{node.Display} has a table of angles that does not fit a head of {query.Size}";
            }

            query = query with { Size = turnedQuery };
            key = key with { Size = turnedKey };
        }

        if (AttentionFlow.Run(query, key, value, node, flow) is not { } result)
        {
            return $"{node.Display} has heads of queries and of keys that do not divide";
        }

        Heads.Follow(query.Count, node, "num_heads", flow);
        Heads.Follow(key.Count, node, "kv_num_heads", flow);
        AttentionFlow.Cache(node.Input(3), node.Output(1), key, input[0], node, flow);
        AttentionFlow.Cache(node.Input(4), node.Output(2), value, input[0], node, flow);
        MultiHeadAttention.FreezeMask(node, 10, query.Count, flow);
        Analysis.Flow.Set(node.Output(0), input[0], input[1], result.Joined());
        return null;
    }
}
