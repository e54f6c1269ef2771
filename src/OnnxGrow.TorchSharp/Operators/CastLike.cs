using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The element type of another value.</summary>
[TorchOperator("CastLike")]
internal sealed class CastLike : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        ScalarType type = at.Input(1).dtype;
        return [x.dtype == type ? x : x.to_type(type)];
    }
}
