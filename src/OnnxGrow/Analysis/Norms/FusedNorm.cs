namespace OnnxGrow.Analysis.Norms;

/// <summary>Norms that are one node: LayerNormalization (opset 17) and RMSNormalization (opset 23).</summary>
internal static class FusedNorm
{
    public static NormInstance? Match(Node node)
    {
        NormKind? kind = node.Is("LayerNormalization") ? NormKind.LayerNorm
            : node.Is("RMSNormalization") || node.Is("SimplifiedLayerNormalization") ? NormKind.RmsNorm
            : null;
        if (node.Proto is { Domain: "com.microsoft", OpType: "EmbedLayerNormalization" })
        {
            return Embedding(node);
        }

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

    /// <summary>Tables looked up, summed and normalised in one: what is normalised is carried as the rows of the first table.</summary>
    private static NormInstance? Embedding(Node node)
    {
        if (node.Input(2) is not { Tensor: not null } table || node.Output(0) is not { } output
            || node.Input(5) is not { } gain || node.Input(6) is not { } bias || ConstantLeaf.Of(gain) is null || ConstantLeaf.Of(bias) is null)
        {
            return null;
        }

        return new NormInstance
        {
            Kind = NormKind.LayerNorm,
            Input = table,
            Output = output,
            Gain = gain,
            Bias = bias,
            Epsilon = new EpsilonSlot(node, -1, node.Float("epsilon", 1e-12f)),
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
