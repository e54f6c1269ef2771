namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Clip: float64 kernels exist from operator set 12 on; before, bounds are attributes (6) or inputs (11).</summary>
[Lowers("Clip")]
internal sealed class Clip : ILowering
{
    public bool Lower(Emitter to)
    {
        if (to.Opset >= 12 || to.Opset < 6)
        {
            return false;
        }

        string low = to.Opset == 11 ? to.Input(1) : to.Scalar(to.Float("min", float.MinValue));
        string high = to.Opset == 11 ? to.Input(2) : to.Scalar(to.Float("max", float.MaxValue));
        string x = to.Input(0);
        x = low.Length > 0 ? to.Op("Max", x, low) : x;
        to.To(to.Output, high.Length > 0 ? "Min" : "Identity", high.Length > 0 ? [x, high] : [x]);
        return true;
    }
}
