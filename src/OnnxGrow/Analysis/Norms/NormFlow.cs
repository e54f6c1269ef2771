using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Norms;

/// <summary>How axes flow through a norm, be it one node or several.</summary>
internal static class NormFlow
{
    public static void Run(NormInstance norm, Flow flow)
    {
        Node node = norm.Last;
        Axis[]? input = EmbeddingNorm.Is(node) ? EmbeddingNorm.Sum(node, flow) : norm.Input.Axes;
        if (input is not { } axes || axes.Length < norm.FromEnd)
        {
            flow.Refuse(node, $"the shape of the input of {norm.Display} is not known");
            return;
        }

        Axis last = axes[^norm.FromEnd];
        Axis result = flow.System.Mirror(last);
        bool layerNorm = norm.Kind == NormKind.LayerNorm;
        flow.Require(last, layerNorm ? CarrierNeed.OnlyAverage : CarrierNeed.OnlyZero, node, layerNorm
            ? $"{norm.Display} keeps its mean only if new entries hold the mean"
            : $"{norm.Display} keeps its sum of squares only if new entries are zero");
        flow.Require(result, CarrierNeed.OnlyZero, node, $"{norm.Display} gives zeros where its input holds no copy");
        if (norm.Gain is not null && VectorAxis(norm.Gain, norm) is { } gain)
        {
            flow.System.SameSize(last, gain);
            flow.Gains.Add(new GainUse(last, gain, result, node, norm));
        }

        if (norm.Bias is not null && VectorAxis(norm.Bias, norm) is { } bias)
        {
            flow.Unify(bias, result, node);
        }

        foreach (Axis outer in axes.Where((_, i) => i != axes.Length - norm.FromEnd))
        {
            flow.Require(outer, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{norm.Display} is not linear");
            if (norm.Bias is not null)
            {
                flow.Require(outer, CarrierNeed.NoZero, node, $"{norm.Display} adds a bias");
            }
        }

        norm.Output.Axes = [.. axes.Select((a, i) => i == axes.Length - norm.FromEnd ? result : a)];
        norm.Output.IsMixed = norm.Input.IsMixed;
    }

    /// <summary>A gain's or bias's one axis: the operators take it as a vector, several nodes as what broadcasts.</summary>
    private static Axis? VectorAxis(Value vector, NormInstance norm) =>
        vector.Axes is [var only] && norm.Nodes.Count == 1 ? only : norm.AxisOf(vector);
}
