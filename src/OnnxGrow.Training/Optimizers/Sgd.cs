using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>Stochastic gradient descent with momentum, as PyTorch's with dampening 0; weight decay is decoupled.</summary>
/// <param name="Momentum">Decay of the sum of gradients; 0 for none.</param>
/// <param name="Nesterov">Whether the gradient is taken one step ahead.</param>
internal sealed record Sgd(double Momentum = 0.9, bool Nesterov = false) : IOptimizer
{
    /// <summary>The sum of gradients, as PyTorch calls it.</summary>
    public const string Buffer = "momentum_buffer";

    public IReadOnlyList<string> StateOf(Parameter parameter) => Momentum == 0 ? [] : [Buffer];

    public IReadOnlyList<(string Name, double Value)> Numbers(long step) => [];

    public void Emit(UpdateEmitter at)
    {
        string direction = at.Mul(at.Gradient, at.GradientScale);
        if (Momentum != 0)
        {
            string buffer = at.Add(at.Mul(at.State(Buffer), Momentum), direction);
            at.SetState(Buffer, buffer);
            direction = Nesterov ? at.Add(direction, at.Mul(buffer, Momentum)) : buffer;
        }

        at.SetValue(at.Sub(at.Decayed(), at.Mul(direction, at.Rate)));
    }
}
