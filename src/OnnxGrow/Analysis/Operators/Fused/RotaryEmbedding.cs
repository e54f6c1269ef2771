using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>Rotary embeddings: of opset 23 (x, cos, sin, position ids) and of ONNX Runtime (x, position ids, cos, sin).</summary>
[Operator("RotaryEmbedding")]
[Operator("RotaryEmbedding", Domain = Domains.Microsoft)]
internal sealed class RotaryEmbedding : Operator
{
    public override int RequiredInputs(Node node) => node.Is("RotaryEmbedding") ? 3 : 4;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = [.. node.Input(0)!.Axes!];
        bool standard = node.Is("RotaryEmbedding");
        Value[] tables = standard ? [node.Input(1)!, node.Input(2)!] : [node.Input(2)!, node.Input(3)!];
        bool interleaved = node.Int("interleaved", 0) != 0;
        long rotary = node.Int("rotary_embedding_dim", 0);
        Heads? heads = null;
        if (axes.Length == 3)
        {
            long count = node.Int("num_heads", 0);
            if (count == 0 && tables[0].Axes is [.., { Extent: > 0 and { } pairs }] && axes[2].Extent is { } width && rotary == 0)
            {
                count = width / (2 * pairs);
            }

            heads = Heads.Cut(axes[2], count, flow);
            if (heads is null)
            {
                return $"{node.Display} turns heads whose number is not known";
            }

            Heads.Follow(heads.Count, node, "num_heads", flow);
        }

        Axis size = heads?.Size ?? axes[^1];
        if (RotaryFlow.Turn(size, tables, interleaved, node, flow) is not { } turned)
        {
            return $"{node.Display} has a table of angles that does not fit a head of {size}";
        }

        if (rotary > 0)
        {
            flow.Slots.Add(new SizeSlot(node, -1, "rotary_embedding_dim", -1, new ConstantSize(rotary, null), new BinarySize('*', new ConstantSize(2, null), new AxisSize(tables[0].Axes![^1]))));
        }

        Analysis.Flow.Set(node.Output(0), heads is null ? [.. axes[..^1], turned] : [.. axes[..^1], new Heads(heads.Count, turned).Joined()]);
        return null;
    }
}
