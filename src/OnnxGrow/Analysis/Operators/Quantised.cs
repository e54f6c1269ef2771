namespace OnnxGrow.Analysis.Operators;

/// <summary>
/// Quantised weights and activations: scales and zero points belong to the source's values, and shares of a weight would
/// need others. What does not grow passes.
/// </summary>
[Operator("QuantizeLinear")]
[Operator("DequantizeLinear")]
[Operator("DynamicQuantizeLinear")]
[Operator("MatMulInteger")]
[Operator("QLinearMatMul")]
[Operator("ConvInteger")]
[Operator("QLinearConv")]
[Operator("MatMulNBits", Domain = "com.microsoft")]
[Operator("MatMulBnb4", Domain = "com.microsoft")]
[Operator("MatMulFpQ4", Domain = "com.microsoft")]
[Operator("GatherBlockQuantized", Domain = "com.microsoft")]
[Operator("QuantizeLinear", Domain = "com.microsoft")]
[Operator("DequantizeLinear", Domain = "com.microsoft")]
[Operator("DynamicQuantizeMatMul", Domain = "com.microsoft")]
[Operator("MatMulIntegerToFloat", Domain = "com.microsoft")]
[Operator("QAttention", Domain = "com.microsoft")]
[Operator("QGemm", Domain = "com.microsoft")]
[Operator("QLinearAdd", Domain = "com.microsoft")]
[Operator("QLinearMul", Domain = "com.microsoft")]
[Operator("QMoE", Domain = "com.microsoft")]
internal sealed class Quantised : Operator
{
    public override bool AcceptsUnknownShapes => true;

    public override string? Flow(Node node, Flow flow)
    {
        string why = $"{node.Display} is quantised, and quantised weights cannot be grown without loss: grow the float model first, then quantise the grown one";
        bool sameShape = node.Proto.OpType is "QuantizeLinear" or "DequantizeLinear" or "DynamicQuantizeLinear";
        if (sameShape && node.Input(0)?.Axes is { } axes)
        {
            Analysis.Flow.Set(node.Output(0), axes);
        }
        else if (node.Proto.OpType == "MatMulNBits" && node.Input(0)?.Axes is { } a)
        {
            Analysis.Flow.Set(node.Output(0), [.. a[..^1], Axes.AxisSystem.NewAxis(node.Int("N", 0))]);
        }

        flow.Freeze(node.Output(0), node, why);
        return why;
    }
}
