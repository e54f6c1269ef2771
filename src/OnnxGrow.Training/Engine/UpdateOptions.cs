using OnnxGrow.Onnx;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Engine;

/// <summary>How gradients change weights.</summary>
internal sealed record UpdateOptions
{
    /// <summary>The steps at which the states of weights began, each once; its position is the number of the group.</summary>
    private readonly long[] _births = [0];

    /// <summary>The rule.</summary>
    public required IOptimizer Optimizer { get; init; }

    /// <summary>Weight decay of matrices and tables, per unit of learning rate.</summary>
    public double WeightDecay { get; init; }

    /// <summary>What the norm of all gradients is clipped to; 0 for no clipping.</summary>
    public double MaxNorm { get; init; }

    /// <summary>
    /// The step at which a weight's state began, by name, where that is not 0: a weight that growth has added has taken fewer steps
    /// than the others, and its bias correction counts its own.
    /// </summary>
    public IReadOnlyDictionary<string, long> Born
    {
        get;
        init
        {
            field = value;
            _births = [0, .. value.Values.Where(b => b != 0).Distinct().Order()];
        }
    } = new Dictionary<string, long>();

    /// <summary>Rates of single weights relative to the whole, by name; the others take the whole.</summary>
    public IReadOnlyDictionary<string, RelativeRate> Rates { get; init; } = new Dictionary<string, RelativeRate>();

    /// <summary>The type that products of matrices compute in: float32, or a narrow one.</summary>
    public ElementType Precision { get; init; } = ElementType.Float32;

    /// <summary>Whether gradients are scaled, and steps in which they overflow are skipped. Bfloat16 has the range of float32.</summary>
    public bool ScalesLoss => Precision == ElementType.Float16;

    /// <summary>The update as a graph; weights whose state began at the same step share its numbers.</summary>
    /// <param name="trained">The weights that have gradients.</param>
    /// <param name="type">Their type.</param>
    public OptimizerGraph GraphOf(IEnumerable<Parameter> trained, ElementType type) => OptimizerGraph.Of(
        [.. trained.Select(p => (p, Rates.GetValueOrDefault(p.Name, RelativeRate.One), Array.IndexOf(_births, Born.GetValueOrDefault(p.Name))))], Optimizer, WeightDecay, MaxNorm, type, ScalesLoss);

    /// <summary>What the graph's inputs with the numbers of a step take.</summary>
    /// <param name="step">The step, 1 for the first of the run.</param>
    public IEnumerable<(string Input, double Value)> NumbersAt(long step) =>
        _births.SelectMany((born, age) => Optimizer.Numbers(step - born).Select(n => (OptimizerGraph.NumberOf(n.Name, age), n.Value)));
}
