namespace OnnxGrow.Analysis.Norms;

/// <summary>Norms that are one node: LayerNormalization (opset 17) and RMSNormalization (opset 23).</summary>
internal static class FusedNorm
{
    public static NormInstance? Match(Node node)
    {
        NormKind? kind = node.Is("LayerNormalization") ? NormKind.LayerNorm
            : node.Is("RMSNormalization") ? NormKind.RmsNorm
            : null;
        bool sideOutputs = node.Outputs.Skip(1).Any(o => o is not null && (o.Consumers.Count > 0 || o.IsGraphOutput));
        if (kind is null || sideOutputs || node.Input(0) is not { } input || node.Output(0) is not { } output || !IsLastAxis(node))
        {
            return null;
        }

        // Growth scales gain and bias, so they must be constants of the file, not computed ones.
        if (node.Inputs.Skip(1).Any(i => i is not null && ConstantLeaf.Of(i) is null))
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

    private static bool IsLastAxis(Node node)
    {
        long axis = node.Int("axis", -1);
        long rank = (node.Input(0)?.Info ?? node.Output(0)?.Info)?.Type?.TensorType?.Shape?.Dim.Count ?? node.Input(0)?.Rank ?? -1;
        return axis == -1 || axis == rank - 1;
    }
}
