using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Values one after the other along an axis.</summary>
[TorchOperator("Concat")]
internal sealed class Concat : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor[] all = at.All;
        return [torch.cat(all, OperatorCall.Axis(at.Int("axis", 0), all[0].dim()))];
    }
}
