using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Slices by tuples of indices replaced, or added to.</summary>
[TorchOperator("ScatterND")]
internal sealed class ScatterND : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        Tensor tuples = at.Input(1);
        int length = (int)tuples.shape[^1];
        long width = Indices.Count(x.shape[length..]);
        Tensor rows = x.reshape(Indices.Count(x.shape[..length]), width);
        Tensor places = Indices.Places(tuples, x.shape[..length]).reshape(-1, 1).expand(-1, width);
        Tensor updates = at.Input(2).reshape(-1, width);
        return at.String("reduction", "none") switch
        {
            "none" => [rows.scatter(0, places, updates).reshape(x.shape)],
            "add" => [rows.scatter_add(0, places, updates).reshape(x.shape)],
            string other => throw at.Refuse($"no operator of TorchSharp has the reduction '{Text.Name(other)}'"),
        };
    }
}
