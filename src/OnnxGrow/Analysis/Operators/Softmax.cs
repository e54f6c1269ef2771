using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Whether a value is what a weight matrix gives, a bias and single numbers aside.</summary>
internal static class WeightOutput
{
    public static bool Is(Value value)
    {
        for (int steps = 0; steps < 8 && value.Producer is { } node; steps++)
        {
            if (node.Is("MatMul") || node.Is("Gemm") || node.Is("Einsum"))
            {
                return node.Inputs.Any(i => i is { IsStatic: true });
            }

            Value? next = node.Is("Cast") || node.Is("Identity") ? node.Input(0)
                : (node.Is("Add") || node.Is("Div") || node.Is("Mul")) && node.Inputs.Where(i => i is { IsStatic: false }).ToArray() is [var only] ? only
                : null;
            if (next is null)
            {
                return false;
            }

            value = next;
        }

        return false;
    }
}

/// <summary>Softmax and its kin: every entry of the axis depends on all others, so it cannot grow.</summary>
[Operator("Softmax")]
[Operator("LogSoftmax")]
[Operator("Hardmax")]
internal sealed class Softmax : Operator
{
    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = [.. node.Input(0)!.Axes!];
        bool flattens = flow.Graph.Opset is > 0 and < 13;
        long axis = node.Int("axis", flattens ? 1 : -1);
        axis = axis < 0 ? axis + axes.Length : axis;
        for (int i = 0; i < axes.Length; i++)
        {
            if (i == axis || (flattens && i > axis))
            {
                if (node.Is("Softmax") && i == axes.Length - 1 && axes[i].Extent > 1 && WeightOutput.Is(node.Input(0)!))
                {
                    // A router's scores: copies of all of them share what each got (rule 3.17).
                    axes[i] = flow.Softmax(axes[i], node);
                    continue;
                }

                flow.Freeze(axes[i], node, $"{node.Display} normalises over it");
            }
            else
            {
                flow.Require(axes[i], CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} is not linear");
            }
        }

        Analysis.Flow.Set(node.Output(0), axes);
        return null;
    }
}
