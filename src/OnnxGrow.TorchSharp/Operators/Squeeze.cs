using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Axes of one element taken out.</summary>
[TorchOperator("Squeeze")]
internal sealed class Squeeze : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        IEnumerable<long> axes = at.OptionalIntegers(1) is { Length: > 0 } given
            ? given.Select(a => (long)OperatorCall.Axis(a, x.dim()))
            : Enumerable.Range(0, (int)x.dim()).Where(a => x.shape[a] == 1).Select(a => (long)a);
        return [x.reshape([.. x.shape.Where((_, i) => !axes.Contains(i))])];
    }
}
