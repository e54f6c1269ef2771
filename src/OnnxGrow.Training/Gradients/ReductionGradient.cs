using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>The gradient of a reduction over axes, given as an input or as an attribute.</summary>
internal abstract class ReductionGradient : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        int rank = at.RankOf(at.Input(0));
        long[] axes = Axes(at, rank);
        bool kept = at.Int("keepdims", 1) != 0;

        // A single number broadcasts as it is.
        string Spread(string value) => kept || axes.Length == 0 || axes.Length == rank ? value : at.Op("Unsqueeze", value, at.Ints(axes));
        return Back(at, new Reduction(Spread(at.TheGradient), at.Input(0), () => Spread(at.Output()), axes));
    });

    /// <summary>Writes the gradient of x.</summary>
    protected abstract string Back(GradientEmitter at, Reduction over);

    private static long[] Axes(GradientEmitter at, int rank)
    {
        long[] axes = at.Input(1).Length > 0 ? at.IntsOf(1) : at.IntList("axes") ?? [];
        if (axes.Length > 0)
        {
            return [.. axes.Select(a => a < 0 ? a + rank : a).Order()];
        }

        return at.Int("noop_with_empty_axes", 0) != 0 ? [] : [.. Enumerable.Range(0, rank).Select(a => (long)a)];
    }

    /// <summary>A reduction while it is differentiated; what is of its output's shape is given so that it broadcasts to x.</summary>
    /// <param name="Gradient">The gradient of the output.</param>
    /// <param name="X">The input.</param>
    /// <param name="SpreadY">Writes the output.</param>
    /// <param name="Axes">The axes, counted from the front, in order; none where nothing is reduced.</param>
    protected sealed record Reduction(string Gradient, string X, Func<string> SpreadY, long[] Axes)
    {
        /// <summary>A value of the output's shape, repeated to that of x.</summary>
        public string Repeat(GradientEmitter at, string value) => Axes.Length == 0 ? value : at.Op("Expand", value, at.ShapeOf(X));

        /// <summary>Reduces a value of x's shape as the operator does, so that it broadcasts back.</summary>
        public string Sum(GradientEmitter at, string value) => at.Reduce("ReduceSum", value, true, Axes);
    }
}
