using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Keeps values within bounds.</summary>
[TorchOperator("Clip")]
internal sealed class Clip : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        bool known = (!at.Has(1) || at.Number(1) is not null) && (!at.Has(2) || at.Number(2) is not null);
        if (!known)
        {
            return [x.clamp(at.Optional(1), at.Optional(2))];
        }

        Scalar? Bound(int input) => at.Number(input) is { } bound && double.IsFinite(bound) ? (Scalar)bound : null;
        return [Clamped(x, Bound(1), Bound(2))];
    }

    private static Tensor Clamped(Tensor x, Scalar? least, Scalar? most) =>
        least is not null ? most is not null ? x.clamp(least, most) : x.clamp_min(least)
        : most is not null ? x.clamp_max(most) : x;
}
