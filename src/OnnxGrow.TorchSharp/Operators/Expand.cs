using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Repeats axes of one element, so that both shapes fit.</summary>
[TorchOperator("Expand")]
internal sealed class Expand : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] wanted = at.Integers(1);
        int rank = Math.Max(wanted.Length, (int)x.dim());
        long[] own = [.. Enumerable.Repeat(1L, rank - (int)x.dim()), .. x.shape];
        long[] other = [.. Enumerable.Repeat(1L, rank - wanted.Length), .. wanted];
        return [x.expand([.. own.Zip(other, (a, b) => a == 1 ? b : a)])];
    }
}
