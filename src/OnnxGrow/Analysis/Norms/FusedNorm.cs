namespace OnnxGrow.Analysis.Norms;

/// <summary>Norms that are one node: LayerNormalization (opset 17) and RMSNormalization (opset 23).</summary>
internal static class FusedNorm
{
    public static NormInstance? Match(Node node, Graph graph)
    {
        NormKind? kind = node.Is("LayerNormalization") ? NormKind.LayerNorm
            : node.Is("RMSNormalization") ? NormKind.RmsNorm
            : null;
        bool sideOutputs = node.Outputs.Skip(1).Any(o => o is not null && (o.Consumers.Count > 0 || o.IsGraphOutput));
        if (kind is null || sideOutputs || node.Input(0) is not { } input || node.Output(0) is not { } output
            || node.Int("axis", -1) is not -1)
        {
            return null;
        }

        if (node.Input(1) is { IsGraphInput: true } || node.Input(2) is { IsGraphInput: true })
        {
            return null;
        }

        return new NormInstance
        {
            Kind = kind.Value,
            Input = input,
            Output = output,
            Gain = node.Input(1),
            Bias = node.Input(2),
            Epsilon = new EpsilonSlot(node, -1, node.Float("epsilon", 1e-5f)),
            Nodes = [node],
        };
    }
}
