using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>A matrix product whose sides may be transposed and that is multiplied by a number.</summary>
[Operator("FusedMatMul", Domain = Domains.Microsoft)]
[Operator("TransposeMatMul", Domain = Domains.Microsoft)]
internal sealed class FusedMatMul : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool MixesWeights(Node node) => node.Inputs.Any(i => i is { IsStatic: true, Axes.Length: > 1 }) && node.Inputs.Any(i => i is { IsStatic: false });

    public override string? Flow(Node node, Flow flow)
    {
        if (node.Int("transBatchA", 0) != 0 || node.Int("transBatchB", 0) != 0)
        {
            return $"{node.Display} moves batch axes about, which is not followed";
        }

        Axis[] a = Side(node.Input(0)!.Axes!, node.Int("transA", 0) != 0);
        Axis[] b = Side(node.Input(1)!.Axes!, node.Int("transB", 0) != 0);
        if (a.Length < 2 || b.Length < 2)
        {
            return $"{node.Display} takes matrices, and one of its inputs is not";
        }

        Analysis.Flow.Set(node.Output(0), MatMul.Multiply(a, b, node, flow));
        return null;
    }

    private static Axis[] Side(Axis[] axes, bool transposed) =>
        transposed && axes.Length > 1 ? [.. axes[..^2], axes[^1], axes[^2]] : axes;
}
