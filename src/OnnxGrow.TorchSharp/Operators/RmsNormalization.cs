using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Divides by the root of the mean square over the last axes, with a gain.</summary>
[TorchOperator("RMSNormalization")]
[TorchOperator("SimplifiedLayerNormalization")]
internal sealed class RmsNormalization : ITorchOperator
{
    private const double DefaultEpsilon = 1e-5f;

    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] axes = Reductions.Last(x, (int)x.dim() - OperatorCall.Axis(at.Int("axis", -1), x.dim()));
        Tensor inverse = x.square().mean(axes, true).add(at.Float("epsilon", DefaultEpsilon)).rsqrt();
        return [x * inverse * at.Input(1), inverse];
    }
}
