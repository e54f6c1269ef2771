using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x sigmoid(alpha x), as ONNX Runtime calls it.</summary>
[TorchOperator("QuickGelu", Domain = "com.microsoft")]
internal sealed class QuickGelu : ITorchOperator
{
    private const double DefaultAlpha = 1.702;

    public Tensor[] Run(OperatorCall at) => [at.Input(0) * (at.Input(0) * at.Float("alpha", DefaultAlpha)).sigmoid()];
}
