using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>An element for each index along an axis.</summary>
[TorchOperator("GatherElements")]
internal sealed class GatherElements : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        int axis = OperatorCall.Axis(at.Int("axis", 0), x.dim());
        return [x.gather(axis, Indices.FromFront(at.Input(1), x.shape[axis]))];
    }
}
