using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Takes off the mean and divides by the deviation.</summary>
[TorchOperator("MeanVarianceNormalization")]
internal sealed class MeanVarianceNormalization : ITorchOperator
{
    private const double Epsilon = 1e-9;

    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] axes = at.IntList("axes") ?? [0, 2, 3];
        Tensor centred = x - x.mean(axes, true);
        return [centred / centred.square().mean(axes, true).sqrt().add(Epsilon)];
    }
}
