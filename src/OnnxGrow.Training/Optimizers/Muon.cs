using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>
/// Muon (Jordan et al. 2024): the momentum of a matrix, made nearly orthogonal by five Newton-Schulz steps, scaled so that its
/// entries have the size of AdamW's updates (Liu et al. 2025, arXiv 2502.16982). Tables, vectors and kernels take AdamW.
/// </summary>
/// <param name="Others">The rule for what is no matrix.</param>
/// <param name="Momentum">Decay of the sum of gradients.</param>
internal sealed record Muon(AdamW Others, double Momentum = 0.95) : IOptimizer
{
    /// <summary>The sum of gradients.</summary>
    public const string Buffer = "momentum_buffer";

    private const int Steps = 5;

    public IReadOnlyList<string> StateOf(Parameter parameter) => IsMatrix(parameter) ? [Buffer] : Others.StateOf(parameter);

    public IReadOnlyList<(string Name, double Value)> Numbers(long step) => Others.Numbers(step);

    public void Emit(UpdateEmitter at)
    {
        if (!IsMatrix(at.Parameter))
        {
            Others.Emit(at);
            return;
        }

        string gradient = at.Mul(at.Gradient, at.GradientScale);
        string buffer = at.Add(at.Mul(at.State(Buffer), Momentum), gradient);
        at.SetState(Buffer, buffer);
        string direction = Orthogonal(at, at.Add(gradient, at.Mul(buffer, Momentum)));
        double size = 0.2 * Math.Sqrt(at.Parameter.Dims.Max());
        at.SetValue(at.Sub(at.Decayed(), at.Mul(direction, at.Mul(at.Rate, size))));
    }

    private static bool IsMatrix(Parameter parameter) => parameter is { Role: ParameterRole.Matrix, Dims.Count: 2 };

    private static string Orthogonal(UpdateEmitter at, string x)
    {
        bool tall = at.Parameter.Dims[0] > at.Parameter.Dims[1];
        x = tall ? at.Transpose(x, 1, 0) : x;
        x = at.Div(x, at.Add(at.Op("Sqrt", at.SumAll(at.Mul(x, x))), 1e-7));
        for (int i = 0; i < Steps; i++)
        {
            string gram = at.Op("Gemm", [("transB", 1L)], x, x);
            string mixed = at.Add(at.Mul(gram, -4.7750), at.Mul(at.MatMul(gram, gram), 2.0315));
            x = at.Add(at.Mul(x, 3.4445), at.MatMul(mixed, x));
        }

        return tall ? at.Transpose(x, 1, 0) : x;
    }
}
