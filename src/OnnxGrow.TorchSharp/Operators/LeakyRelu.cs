using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>x, or a small multiple of it where it is negative.</summary>
[TorchOperator("LeakyRelu")]
internal sealed class LeakyRelu : ITorchOperator
{
    private const double DefaultAlpha = 0.01;

    public Tensor[] Run(OperatorCall at) => [at.Input(0).leaky_relu(at.Float("alpha", DefaultAlpha))];
}
