using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Divides by the sum of absolute values, or the root of the sum of squares, along an axis.</summary>
[TorchOperator("LpNormalization")]
internal sealed class LpNormalization : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] axis = [OperatorCall.Axis(at.Int("axis", -1), x.dim())];
        return [x / (at.Int("p", 2) == 1 ? x.abs().sum(axis, true) : x.square().sum(axis, true).sqrt())];
    }
}
