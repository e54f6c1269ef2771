using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The indices of all elements that are not zero, an axis of the value a row.</summary>
[TorchOperator("NonZero")]
internal sealed class NonZero : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [x.nonzero().t()];
    }
}
