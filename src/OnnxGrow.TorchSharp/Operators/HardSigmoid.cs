using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>alpha x + beta within 0 and 1.</summary>
[TorchOperator("HardSigmoid")]
internal sealed class HardSigmoid : ITorchOperator
{
    private const double DefaultAlpha = 0.2;
    private const double DefaultBeta = 0.5;

    public Tensor[] Run(OperatorCall at) =>
        [(at.Input(0) * at.Float("alpha", DefaultAlpha)).add(at.Float("beta", DefaultBeta)).clamp(0, 1)];
}
