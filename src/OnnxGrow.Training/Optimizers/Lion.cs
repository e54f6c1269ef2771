using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>Lion (Chen et al. 2023, arXiv 2302.06675): the sign of an interpolated momentum.</summary>
/// <param name="Beta1">The momentum's share in the direction.</param>
/// <param name="Beta2">Decay of the momentum.</param>
internal sealed record Lion(double Beta1 = 0.9, double Beta2 = 0.99) : IOptimizer
{
    /// <summary>The momentum.</summary>
    public const string Mean = "exp_avg";

    public IReadOnlyList<string> StateOf(Parameter parameter) => [Mean];

    public IReadOnlyList<(string Name, double Value)> Numbers(long step) => [];

    public void Emit(UpdateEmitter at)
    {
        string gradient = at.Mul(at.Gradient, at.GradientScale);
        string direction = at.Op("Sign", at.Add(at.Mul(at.State(Mean), Beta1), at.Mul(gradient, 1 - Beta1)));

        // The old momentum is read for the direction as well; this sum comes behind it, so that it may take its place.
        string after = at.Mul(direction, 0);
        string kept = at.Add(at.Mul(at.State(Mean), Beta2), at.Mul(gradient, 1 - Beta2));
        at.SetState(Mean, at.Add(kept, after));
        at.SetValue(at.Sub(at.Decayed(), at.Mul(direction, at.Rate)));
    }
}
