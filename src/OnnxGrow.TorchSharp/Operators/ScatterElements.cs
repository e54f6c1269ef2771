using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Elements along an axis replaced, or added to.</summary>
[TorchOperator("ScatterElements")]
internal sealed class ScatterElements : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        int axis = OperatorCall.Axis(at.Int("axis", 0), x.dim());
        Tensor indices = Indices.FromFront(at.Input(1), x.shape[axis]);
        return at.String("reduction", "none") switch
        {
            "none" => [x.scatter(axis, indices, at.Input(2))],
            "add" => [x.scatter_add(axis, indices, at.Input(2))],
            string other => throw at.Refuse($"no operator of TorchSharp has the reduction '{Text.Name(other)}'"),
        };
    }
}
