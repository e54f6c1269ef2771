using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>alpha * A * B + beta * C on matrices.</summary>
[Operator("Gemm")]
internal sealed class Gemm : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override bool MixesWeights(Node node) => node.Inputs.Any(i => i is { IsStatic: true, Axes.Length: > 1 }) && node.Inputs.Any(i => i is { IsStatic: false });

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] a = node.Input(0)!.Axes!;
        Axis[] b = node.Input(1)!.Axes!;
        if (a.Length != 2 || b.Length != 2)
        {
            return $"{node.Display} takes matrices, and one of its inputs is not";
        }

        bool transA = node.Int("transA", 0) != 0;
        bool transB = node.Int("transB", 0) != 0;
        flow.Contract(a[transA ? 0 : 1], b[transB ? 1 : 0], node);
        Axis[] result = [a[transA ? 1 : 0], b[transB ? 0 : 1]];
        if (node.Input(2)?.Axes is { } c)
        {
            Axis[][] aligned = Broadcasting.Align(result, c);
            for (int i = 0; i < 2; i++)
            {
                if (!Broadcasting.IsOne(aligned[i][1]))
                {
                    flow.Unify(result[i], aligned[i][1], node);
                }
                else if (c.Length == 0 || i == 1)
                {
                    flow.Require(result[i], CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} adds the same number to all entries of the axis");
                }
            }
        }

        Analysis.Flow.Set(node.Output(0), result);
        return null;
    }
}
