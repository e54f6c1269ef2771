using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Whether an element is infinite, of one sign or either.</summary>
[TorchOperator("IsInf")]
internal sealed class IsInf : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        bool negative = at.Int("detect_negative", 1) != 0;
        bool positive = at.Int("detect_positive", 1) != 0;
        return [negative && positive ? x.isinf() : positive ? x.isinf().logical_and(x.gt(0)) : negative ? x.isinf().logical_and(x.lt(0)) : x.ne(x).logical_and(x.eq(x))];
    }
}
