using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>NonZero asks only whether an element is zero: a bool says as much.</summary>
[Lowers("NonZero")]
internal sealed class NonZero : ILowering
{
    public bool Lower(Emitter to)
    {
        to.To(to.Output, "NonZero", to.Op("Cast", [("to", (long)ElementType.Bool)], to.Input(0)));
        return true;
    }
}
