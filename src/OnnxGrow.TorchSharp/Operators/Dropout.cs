using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Dropout as it is when it drops nothing.</summary>
[TorchOperator("Dropout")]
internal sealed class Dropout : ITorchOperator
{
    private const double DefaultRatio = 0.5;

    public Tensor[] Run(OperatorCall at)
    {
        if (at.Has(2) && at.Number(2) != 0 && (at.Has(1) ? at.Number(1) : DefaultRatio) != 0)
        {
            throw at.Refuse("it is in training mode and drops values at random, so that no run could be repeated; export the model in evaluation mode");
        }

        Tensor x = at.Input(0);
        return at.Wants(1) ? [x, torch.ones_like(x, ScalarType.Bool)] : [x];
    }
}
