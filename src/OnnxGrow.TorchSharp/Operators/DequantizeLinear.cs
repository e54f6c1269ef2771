using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Stored integers, less a zero point, times a scale: of the whole or of an axis.</summary>
[TorchOperator("DequantizeLinear")]
internal sealed class DequantizeLinear : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        if (at.Int("block_size", 0) != 0)
        {
            throw at.Refuse("its scales are of blocks of elements");
        }

        Tensor x = at.Input(0);
        Tensor scale = at.Input(1);
        long[] along = [.. Enumerable.Range(0, (int)x.dim()).Select(_ => 1L)];
        if (scale.numel() > 1)
        {
            along[OperatorCall.Axis(at.Int("axis", 1), x.dim())] = -1;
        }

        Tensor y = x.to_type(scale.dtype);
        y = at.Has(2) ? y - at.Input(2).to_type(scale.dtype).reshape(along) : y;
        return [y * scale.reshape(along)];
    }
}
