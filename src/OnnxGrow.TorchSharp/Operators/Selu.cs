using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>gamma x, or gamma alpha (exp(x) - 1) where it is negative.</summary>
[TorchOperator("Selu")]
internal sealed class Selu : ITorchOperator
{
    private const double DefaultAlpha = 1.6732632423543772;
    private const double DefaultGamma = 1.0507009873554805;

    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        Tensor below = x.clamp_max(0).expm1() * at.Float("alpha", DefaultAlpha);
        return [torch.where(x.gt(0), x, below) * at.Float("gamma", DefaultGamma)];
    }
}
