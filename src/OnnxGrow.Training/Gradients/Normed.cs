using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Normalisation to mean 0 and deviation 1 over axes, which several operators are made of.</summary>
internal static class Normed
{
    /// <summary>Writes n = (x - mean) / deviation, and 1 / deviation.</summary>
    public static (string N, string Inverse) Of(GradientEmitter at, string x, double epsilon, long[] axes)
    {
        string centred = at.Sub(x, at.Reduce("ReduceMean", x, true, axes));
        string variance = at.Reduce("ReduceMean", at.Mul(centred, centred), true, axes);
        string inverse = at.Op("Reciprocal", at.Op("Sqrt", at.Add(variance, epsilon)));
        return (at.Mul(centred, inverse), inverse);
    }

    /// <summary>A statistic that the operator itself gives, which may be finer than its values, in their type.</summary>
    public static string Statistic(GradientEmitter at, int output)
    {
        string statistic = at.Demand(output);
        return at.FloatType is ElementType.Float16 or ElementType.BFloat16 && at.Int("stash_type", 1) == (long)ElementType.Float32
            ? at.Cast(statistic, at.FloatType)
            : statistic;
    }

    /// <summary>Writes the gradient of x from that of n: (g - mean(g) - n mean(g n)) / deviation.</summary>
    public static string Back(GradientEmitter at, string gradient, string n, string inverse, long[] axes)
    {
        string centred = at.Sub(gradient, at.Reduce("ReduceMean", gradient, true, axes));
        string along = at.Reduce("ReduceMean", at.Mul(gradient, n), true, axes);
        return at.Mul(at.Sub(centred, at.Mul(n, along)), inverse);
    }

    /// <summary>All axes behind the first <paramref name="leading"/>.</summary>
    public static long[] AxesBehind(int leading, int rank) => [.. Enumerable.Range(leading, rank - leading).Select(a => (long)a)];

    /// <summary>A list with an element a channel, so that it broadcasts to [N, C, ...].</summary>
    public static string PerChannel(GradientEmitter at, string list, int rank) =>
        rank == 2 ? list : at.Op("Unsqueeze", list, at.Ints([.. Enumerable.Range(1, rank - 2).Select(a => (long)a)]));

    /// <summary>Sums a value of [N, C, ...] to an element a channel.</summary>
    public static string SumPerChannel(GradientEmitter at, string value, int rank) =>
        at.Reduce("ReduceSum", value, false, [0, .. AxesBehind(2, rank)]);
}
