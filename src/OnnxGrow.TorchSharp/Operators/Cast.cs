using OnnxGrow.Onnx;
using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Another element type.</summary>
[TorchOperator("Cast")]
internal sealed class Cast : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        ScalarType type = TorchTypes.Of((ElementType)at.Int("to", (long)ElementType.Float32));
        return [x.dtype == type ? x : x.to_type(type)];
    }
}
