using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>f(x), entry by entry, with f(0) = 0: copies stay copies and zeros stay zeros.</summary>
[Operator("Relu")]
[Operator("Tanh")]
[Operator("Erf")]
[Operator("Gelu")]
[Operator("Abs")]
[Operator("Sign")]
[Operator("Sin")]
[Operator("Sinh")]
[Operator("Asin")]
[Operator("Asinh")]
[Operator("Atan")]
[Operator("Atanh")]
[Operator("Tan")]
[Operator("Sqrt")]
[Operator("Floor")]
[Operator("Ceil")]
[Operator("Round")]
[Operator("LeakyRelu")]
[Operator("Elu")]
[Operator("Selu")]
[Operator("Celu")]
[Operator("ThresholdedRelu")]
[Operator("HardSwish")]
[Operator("Mish")]
[Operator("Swish")]
[Operator("Softsign")]
[Operator("Shrink")]
internal sealed class ZeroPreservingUnary : Operator
{
    public override string? Flow(Node node, Flow flow) =>
        Unary.Run(node, flow, CarrierNeed.NoAverage | CarrierNeed.NoScale, $"{node.Display} is not linear");
}

/// <summary>f(x), entry by entry, with f(0) other than 0: only copies stay what they are.</summary>
[Operator("Sigmoid")]
[Operator("Exp")]
[Operator("Log")]
[Operator("Cos")]
[Operator("Cosh")]
[Operator("Acos")]
[Operator("Acosh")]
[Operator("Reciprocal")]
[Operator("Softplus")]
[Operator("HardSigmoid")]
[Operator("Not")]
[Operator("IsNaN")]
[Operator("IsInf")]
[Operator("Clip")]
internal sealed class OffsetUnary : Operator
{
    public override string? Flow(Node node, Flow flow) =>
        Unary.Run(node, flow, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, $"{node.Display} does not keep zeros");
}

/// <summary>Operators that hand every entry on, or its negative.</summary>
[Operator("Identity")]
[Operator("Cast")]
[Operator("Neg")]
[Operator("Dropout")]
internal sealed class LinearUnary : Operator
{
    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        if (node.Is("Dropout") && node.Input(2) is { } training && !IsFalse(training, flow))
        {
            return $"{node.Display} draws random numbers in training mode";
        }

        string? why = Unary.Run(node, flow, CarrierNeed.None, "");
        if (!node.Is("Dropout"))
        {
            Analysis.Flow.SetElements(node.Output(0), node.Is("Neg")
                ? node.Input(0)?.Elements?.Select(e => (SizeExpression)new BinarySize('-', new ConstantSize(0, null), e)).ToArray()
                : node.Input(0)?.Elements);
        }

        return why;
    }

    private static bool IsFalse(Value value, Flow flow)
    {
        if (value.Tensor is null)
        {
            return false;
        }

        Span<byte> flag = stackalloc byte[1];
        flow.Graph.Model.DataOf(value.Tensor).ReadBytes(0, flag);
        return flag[0] == 0;
    }
}

/// <summary>What unary operators share.</summary>
internal static class Unary
{
    public static string? Run(Node node, Flow flow, CarrierNeed need, string why)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        if (need != CarrierNeed.None)
        {
            foreach (Axis axis in axes)
            {
                flow.Require(axis, need, node, why);
            }
        }

        if (node.Is("Floor") || node.Is("Ceil"))
        {
            Analysis.Flow.SetElements(node.Output(0), node.Input(0)!.Elements);
        }

        foreach (Value? output in node.Outputs)
        {
            Analysis.Flow.Set(output, axes);
        }

        return null;
    }
}
