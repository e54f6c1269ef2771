using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>Activations of ONNX Runtime's own, with a bias or without: f(x + b) with f(0) = 0.</summary>
[Operator("Gelu", Domain = Domains.Microsoft)]
[Operator("BiasGelu", Domain = Domains.Microsoft)]
[Operator("FastGelu", Domain = Domains.Microsoft)]
[Operator("QuickGelu", Domain = Domains.Microsoft)]
internal sealed class FusedUnits : Operator
{
    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = [.. node.Input(0)!.Axes!];
        if (node.Input(1)?.Axes is [var bias])
        {
            axes[^1] = Broadcasting.Merge([axes[^1], bias], node, flow);
        }

        foreach (Axis axis in axes)
        {
            flow.Require(axis, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
        }

        Analysis.Flow.Set(node.Output(0), axes);
        return null;
    }
}

/// <summary>A vector that is added along the last axis, and a residual connection.</summary>
[Operator("BiasAdd", Domain = Domains.Microsoft)]
internal sealed class BiasAdd : Operator
{
    public override int RequiredInputs(Node node) => 3;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[][] aligned = Broadcasting.Align(node.Input(0)!.Axes!, node.Input(1)!.Axes!, node.Input(2)!.Axes!);
        Analysis.Flow.Set(node.Output(0), [.. aligned.Select(a => Broadcasting.Merge(a, node, flow))]);
        return null;
    }
}

/// <summary>Names of operator domains.</summary>
internal static class Domains
{
    public const string Microsoft = "com.microsoft";
}
