using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>The extents, or a range of them.</summary>
[TorchOperator("Shape")]
internal sealed class Shape : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        long[] shape = at.Input(0).shape;
        int start = (int)Math.Clamp(OperatorCall.Axis(at.Int("start", 0), shape.Length), 0, shape.Length);
        int end = (int)Math.Clamp(OperatorCall.Axis(at.Int("end", shape.Length), shape.Length), start, shape.Length);
        return [torch.tensor(shape[start..end], ScalarType.Int64)];
    }
}
