using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x times x / 6 + 1 / 2 within 0 and 1.</summary>
[TorchOperator("HardSwish")]
internal sealed class HardSwish : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) => [at.Input(0) * (at.Input(0) / 6).add(0.5).clamp(0, 1)];
}
