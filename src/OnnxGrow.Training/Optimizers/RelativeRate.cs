using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>The learning rate of a weight relative to the whole: the product of what its axes say, entry by entry.</summary>
internal sealed class RelativeRate
{
    private readonly int _rank;
    private readonly IReadOnlyList<(int Axis, double[] Factors)> _axes;

    private RelativeRate(int rank, IReadOnlyList<(int Axis, double[] Factors)> axes) => (_rank, _axes) = (rank, axes);

    /// <summary>The whole rate.</summary>
    public static RelativeRate One { get; } = new(0, []);

    /// <summary>Whether it is the whole rate.</summary>
    public bool IsOne => _axes.Count == 0;

    /// <summary>A rate by axes.</summary>
    /// <param name="rank">The weight's rank.</param>
    /// <param name="axes">A factor for each index of an axis; axes that are left out have 1.</param>
    public static RelativeRate Of(int rank, IEnumerable<(int Axis, double[] Factors)> axes) =>
        new(rank, [.. axes.Where(a => a.Factors.Any(f => f != 1))]);

    /// <summary>The factor of one entry.</summary>
    public double At(params int[] index) => _axes.Aggregate(1.0, (product, a) => product * a.Factors[index[a.Axis]]);

    /// <summary>Writes it times the whole rate, as a tensor that broadcasts over the weight.</summary>
    public string Write(GraphWriter writer, string whole) => _axes.Aggregate(
        whole,
        (rate, a) => writer.Mul(rate, writer.Constant(
            writer.FloatType, [.. Enumerable.Range(0, _rank).Select(i => i == a.Axis ? (long)a.Factors.Length : 1)], a.Factors)));
}
