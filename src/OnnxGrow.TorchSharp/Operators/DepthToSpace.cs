using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Blocks of channels become blocks of pixels.</summary>
[TorchOperator("DepthToSpace")]
internal sealed class DepthToSpace : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long block = at.Int("blocksize", 1);
        (long n, long c, long h, long w) = (x.shape[0], x.shape[1] / (block * block), x.shape[2], x.shape[3]);
        Tensor pixels = at.String("mode", "DCR") == "CRD"
            ? x.reshape(n, c, block, block, h, w).permute(0, 1, 4, 2, 5, 3)
            : x.reshape(n, block, block, c, h, w).permute(0, 3, 4, 1, 5, 2);
        return [pixels.reshape(n, c, h * block, w * block)];
    }
}
