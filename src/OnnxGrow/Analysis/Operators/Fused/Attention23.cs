using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>Attention of opset 23, with heads as an axis of their own or joined to the last.</summary>
[Operator("Attention")]
internal sealed class Attention23 : Operator
{
    public override int RequiredInputs(Node node) => 3;

    public override IEnumerable<int> HandsOn(Node node, int output) => output == 1 ? [4] : output == 2 ? [5] : [];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[][] axes = [.. Enumerable.Range(0, 3).Select(i => node.Input(i)!.Axes!)];
        bool joined = axes[0].Length == 3;
        string[] counts = ["q_num_heads", "kv_num_heads", "kv_num_heads"];
        Heads?[] heads = [.. axes.Select((a, i) => joined ? Heads.Cut(a[2], node.Int(counts[i], 0), flow) : a.Length == 4 ? new Heads(a[1], a[3]) : null)];
        if (heads is not [{ } query, { } key, { } value] || AttentionFlow.Run(query, key, value, node, flow) is not { } result)
        {
            return $"{node.Display} has heads whose number is not known";
        }

        if (joined)
        {
            Heads.Follow(query.Count, node, "q_num_heads", flow);
            Heads.Follow(key.Count, node, "kv_num_heads", flow);
        }

        AttentionFlow.Cache(node.Input(4), node.Output(1), key, axes[0][0], node, flow);
        AttentionFlow.Cache(node.Input(5), node.Output(2), value, axes[0][0], node, flow);
        Analysis.Flow.Set(node.Output(0), joined ? [axes[0][0], axes[0][1], result.Joined()] : [axes[0][0], result.Count, axes[0][2], result.Size]);
        foreach (Axis axis in node.Input(3)?.Axes ?? [])
        {
            flow.Freeze(axis, node, $"{node.Display} takes it for its mask");
        }

        if (node.Output(3) is { Consumers.Count: > 0 } or { IsGraphOutput: true })
        {
            return $"{node.Display} hands its scores out";
        }

        return null;
    }
}
