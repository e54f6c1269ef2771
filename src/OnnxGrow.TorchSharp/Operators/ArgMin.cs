using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Where the smallest element along an axis is.</summary>
[TorchOperator("ArgMin")]
internal sealed class ArgMin : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        if (at.Int("select_last_index", 0) != 0)
        {
            throw at.Refuse("the last of equal elements is asked for, and TorchSharp finds one of them");
        }

        Tensor x = at.Input(0);
        return [x.argmin(OperatorCall.Axis(at.Int("axis", 0), x.dim()), at.Int("keepdims", 1) != 0)];
    }
}
