using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Another shape; 0 keeps an extent, -1 is what is left.</summary>
[TorchOperator("Reshape")]
internal sealed class Reshape : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] shape = at.Integers(1);
        if (at.Int("allowzero", 0) == 0)
        {
            shape = [.. shape.Select((n, i) => n == 0 ? x.shape[i] : n)];
        }

        return [x.reshape(shape)];
    }
}
