using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Blocks of pixels become blocks of channels.</summary>
[TorchOperator("SpaceToDepth")]
internal sealed class SpaceToDepth : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long block = at.Int("blocksize", 1);
        (long n, long c, long h, long w) = (x.shape[0], x.shape[1], x.shape[2] / block, x.shape[3] / block);
        return [x.reshape(n, c, h, block, w, block).permute(0, 3, 5, 1, 2, 4).reshape(n, c * block * block, h, w)];
    }
}
