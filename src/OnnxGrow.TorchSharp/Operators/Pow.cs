using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>A power, of the base's type.</summary>
[TorchOperator("Pow")]
internal sealed class Pow : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        Tensor y = at.Number(1) is { } exponent ? x.pow(exponent) : x.pow(at.Input(1));
        return [y.dtype == x.dtype ? y : y.to_type(x.dtype)];
    }
}
