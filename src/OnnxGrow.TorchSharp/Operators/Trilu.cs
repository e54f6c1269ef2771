using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The upper or the lower triangle of matrices.</summary>
[TorchOperator("Trilu")]
internal sealed class Trilu : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) =>
        [at.Int("upper", 1) != 0 ? at.Input(0).triu(Diagonal(at)) : at.Input(0).tril(Diagonal(at))];

    private static long Diagonal(OperatorCall at) => at.OptionalIntegers(1) is [long diagonal] ? diagonal : 0;
}
