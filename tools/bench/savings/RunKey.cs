using System.Globalization;

namespace OnnxGrow.Bench.Savings;

/// <summary>Which run: what it begins with, its schedule, its rate and its seed.</summary>
/// <param name="Start">Name of the start.</param>
/// <param name="Schedule">"plain": the cosine of the run from scratch; "lemon": the same, but over a part of the steps.</param>
/// <param name="Fraction">That part; 1 for all of them.</param>
/// <param name="Rate">The largest learning rate.</param>
/// <param name="Seed">Seed of the growth and of the order of the data.</param>
internal sealed record RunKey(string Start, string Schedule, double Fraction, double Rate, ulong Seed)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start} {Schedule}-{Fraction:0.##} lr {Rate:0.#####} seed {Seed}");
}
