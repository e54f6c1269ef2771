using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), the numbers of PyTorch's.</summary>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of their squares.</param>
/// <param name="Epsilon">Added to the root of the latter.</param>
internal sealed record AdamW(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8) : IOptimizer
{
    /// <summary>The mean of gradients, as PyTorch calls it.</summary>
    public const string Mean = "exp_avg";

    /// <summary>The mean of their squares.</summary>
    public const string Square = "exp_avg_sq";

    public IReadOnlyList<string> StateOf(Parameter parameter) => [Mean, Square];

    public IReadOnlyList<(string Name, double Value)> Numbers(long step)
    {
        double first = 1 - Math.Pow(Beta1, step);
        double second = Math.Sqrt(1 - Math.Pow(Beta2, step));

        // rate * (mean / first) / (root / second + epsilon), with one factor taken out of both.
        return [("step_factor", second / first), ("step_epsilon", Epsilon * second)];
    }

    public void Emit(UpdateEmitter at)
    {
        string scale = at.GradientScale;
        string mean = at.Add(at.Mul(at.State(Mean), Beta1), at.Mul(at.Gradient, at.Mul(scale, 1 - Beta1)));
        string square = at.Add(
            at.Mul(at.State(Square), Beta2),
            at.Mul(at.Mul(at.Gradient, at.Gradient), at.Mul(at.Mul(scale, scale), 1 - Beta2)));
        string root = at.Add(at.Op("Sqrt", square), at.Number("step_epsilon"));
        at.SetState(Mean, mean);
        at.SetState(Square, square);
        at.SetValue(at.Sub(at.Decayed(), at.Mul(at.Div(mean, root), at.Mul(at.Rate, at.Number("step_factor")))));
    }
}
