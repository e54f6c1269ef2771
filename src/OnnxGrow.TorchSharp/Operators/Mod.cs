using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The rest of a division: with the divisor's sign, or with the dividend's (fmod).</summary>
[TorchOperator("Mod")]
internal sealed class Mod : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        return [at.Int("fmod", 0) != 0 ? x.fmod(at.Input(1)) : x.remainder(at.Input(1))];
    }
}
