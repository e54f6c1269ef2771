using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>GELU in its forms, those of ONNX Runtime's own domain with a bias that is added first.</summary>
[Gradient("Gelu")]
[Gradient("Gelu", Domain = "com.microsoft")]
[Gradient("BiasGelu", Domain = "com.microsoft")]
[Gradient("FastGelu", Domain = "com.microsoft")]
internal sealed class Gelu : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        bool tanh = at.Node.OpType == "FastGelu" || at.String("approximate", "none") == "tanh";
        string x = at.Input(1).Length == 0 ? at.Input(0) : at.Add(at.Input(0), at.Input(1));
        string slope = tanh ? GeluSlope.Tanh(at, x, at.Output()) : GeluSlope.Erf(at, x);
        string gradient = at.Mul(at.TheGradient, slope);
        at.Give(0, () => gradient);
        at.GiveSummed(1, () => gradient);
    }
}
