using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Where the largest element along an axis is.</summary>
[TorchOperator("ArgMax")]
internal sealed class ArgMax : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        if (at.Int("select_last_index", 0) != 0)
        {
            throw at.Refuse("the last of equal elements is asked for, and TorchSharp finds one of them");
        }

        Tensor x = at.Input(0);
        return [x.argmax(OperatorCall.Axis(at.Int("axis", 0), x.dim()), at.Int("keepdims", 1) != 0)];
    }
}
