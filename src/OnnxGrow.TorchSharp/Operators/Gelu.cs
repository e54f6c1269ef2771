using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>GELU in its forms, those of ONNX Runtime's own domain with a bias that is added first.</summary>
[TorchOperator("Gelu")]
[TorchOperator("Gelu", Domain = "com.microsoft")]
[TorchOperator("BiasGelu", Domain = "com.microsoft")]
[TorchOperator("FastGelu", Domain = "com.microsoft")]
internal sealed class Gelu : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Has(1) ? at.Input(0) + at.Input(1) : at.Input(0);
        if (at.OpType != "FastGelu" && at.String("approximate", "none") != "tanh")
        {
            return [x.gelu()];
        }

        // Only the newest TorchSharp has this form: x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)).
        double linear = 2 * Math.Sqrt(2 / Math.PI);
        return [x * (x * ((x * x * (0.044715 * linear)) + linear)).sigmoid()];
    }
}
