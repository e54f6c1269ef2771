using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Normalises every channel of every sample.</summary>
[TorchOperator("InstanceNormalization")]
internal sealed class InstanceNormalization : ITorchOperator
{
    private const double DefaultEpsilon = 1e-5f;

    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [Functional.group_norm(x, x.shape[1], at.Input(1), at.Input(2), at.Float("epsilon", DefaultEpsilon))];
    }
}
