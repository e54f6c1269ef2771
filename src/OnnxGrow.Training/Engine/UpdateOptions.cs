using OnnxGrow.Training.Optimizers;

namespace OnnxGrow.Training.Engine;

/// <summary>How gradients change weights.</summary>
internal sealed record UpdateOptions
{
    /// <summary>The rule.</summary>
    public required IOptimizer Optimizer { get; init; }

    /// <summary>Weight decay of matrices and tables, per unit of learning rate.</summary>
    public double WeightDecay { get; init; }

    /// <summary>What the norm of all gradients is clipped to; 0 for no clipping.</summary>
    public double MaxNorm { get; init; }

    /// <summary>Rates of single weights relative to the whole, by name.</summary>
    public IReadOnlyDictionary<string, double> Rates { get; init; } = new Dictionary<string, double>();

    /// <summary>
    /// The step at which a weight's state began, by name, where that is not 0: a weight that growth has added has taken fewer steps
    /// than the others, and its bias correction counts its own.
    /// </summary>
    public IReadOnlyDictionary<string, long> Born { get; init; } = new Dictionary<string, long>();

    /// <summary>The numbers of the groups of weights that began at the same step.</summary>
    public IEnumerable<int> Ages => Enumerable.Range(0, Births.Length);

    /// <summary>The rate of a weight relative to the whole.</summary>
    public double RateOf(string name) => Rates.GetValueOrDefault(name, 1);

    /// <summary>The group of a weight.</summary>
    public int AgeOf(string name) => Array.IndexOf(Births, Born.GetValueOrDefault(name));

    /// <summary>The step at which a group began.</summary>
    public long BornAt(int age) => Births[age];

    private long[] Births => [0, .. Born.Values.Where(b => b != 0).Distinct().Order()];
}
