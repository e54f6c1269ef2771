using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>alpha A B + beta C, either matrix transposed.</summary>
[TorchOperator("Gemm")]
internal sealed class Gemm : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor a = at.Int("transA", 0) != 0 ? at.Input(0).t() : at.Input(0);
        Tensor b = at.Int("transB", 0) != 0 ? at.Input(1).t() : at.Input(1);
        double alpha = at.Float("alpha", 1);
        double beta = at.Float("beta", 1);
        if (at.Has(2))
        {
            return [torch.addmm(at.Input(2), a, b, (float)beta, (float)alpha)];
        }

        Tensor product = a.matmul(b);
        return [alpha == 1 ? product : product * alpha];
    }
}
