using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>OneHot with float64 values, by way of integers: off + (on - off) * hot.</summary>
[Lowers("OneHot")]
internal sealed class OneHot : ILowering
{
    public bool Lower(Emitter to)
    {
        string values = to.Op("Cast", [("to", (long)to.FloatType)], to.Input(2));
        string off = to.Slice(values, [0], [1], [0], [1]);
        string on = to.Slice(values, [1], [2], [0], [1]);
        string hot = to.Op("OneHot", [("axis", to.Int("axis", -1))], to.Input(0), to.Input(1), to.IntList(0, 1));
        string mask = to.Op("Cast", [("to", (long)ElementType.Bool)], hot);
        to.To(to.Output, "Where", mask, on, off);
        return true;
    }
}
