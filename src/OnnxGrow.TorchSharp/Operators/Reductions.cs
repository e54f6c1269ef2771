using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>What the reductions have in common: their axes, and that they may do nothing.</summary>
internal static class Reductions
{
    /// <summary>Runs a reduction.</summary>
    /// <param name="at">The node.</param>
    /// <param name="reduce">Reduces a tensor over axes, which are kept or not.</param>
    /// <param name="alone">What it does to each element when it reduces over none.</param>
    public static Tensor[] Run(OperatorCall at, Func<Tensor, long[], bool, Tensor> reduce, Func<Tensor, Tensor>? alone = null)
    {
        Tensor x = at.Input(0);
        long[] axes = at.OptionalIntegers(1) ?? at.IntList("axes") ?? [];
        if (axes.Length == 0 && (at.Int("noop_with_empty_axes", 0) != 0 || x.dim() == 0))
        {
            return [alone is null ? x : alone(x)];
        }

        long[] reduced = axes.Length == 0 ? Last(x, (int)x.dim()) : [.. axes.Select(a => (long)OperatorCall.Axis(a, x.dim()))];
        return [reduce(x, reduced, at.Int("keepdims", 1) != 0)];
    }

    /// <summary>The last axes of a value.</summary>
    public static long[] Last(Tensor x, int count) => [.. Enumerable.Range((int)x.dim() - count, count).Select(a => (long)a)];
}
