using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Numbers at equal distances.</summary>
[TorchOperator("Range")]
internal sealed class Range : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor start = at.Input(0);
        return [start.is_floating_point()
            ? torch.arange(HostValues.Doubles(start)[0], HostValues.Doubles(at.Input(1))[0], HostValues.Doubles(at.Input(2))[0], start.dtype, at.Place)
            : torch.arange(at.Integers(0)[0], at.Integers(1)[0], at.Integers(2)[0], start.dtype, at.Place)];
    }
}
