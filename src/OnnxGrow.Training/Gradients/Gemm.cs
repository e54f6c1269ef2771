using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Gemm, Y = alpha A' B' + beta C: a Gemm for each factor, with the transpositions and alpha taken into it.</summary>
[Gradient("Gemm")]
internal sealed class Gemm : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        string gradient = at.TheGradient;
        double alpha = at.Float("alpha", 1);
        bool turnedA = at.Int("transA", 0) != 0;
        bool turnedB = at.Int("transB", 0) != 0;
        at.Give(0, () => turnedA
            ? Product(at, alpha, at.Input(1), turnedB, gradient, true)
            : Product(at, alpha, gradient, false, at.Input(1), !turnedB));
        at.Give(1, () => turnedB
            ? Product(at, alpha, gradient, true, at.Input(0), turnedA)
            : Product(at, alpha, at.Input(0), !turnedA, gradient, false));
        at.Give(2, () => at.Mul(at.SumTo(gradient, at.DimsOf(at.Output()), at.DimsOf(at.Input(2))), at.Float("beta", 1)));
    }

    private static string Product(GradientEmitter at, double alpha, string a, bool turnedA, string b, bool turnedB) =>
        at.Op("Gemm", [("alpha", alpha), ("transA", turnedA ? 1L : 0L), ("transB", turnedB ? 1L : 0L)], a, b);
}
