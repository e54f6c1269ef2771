namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>RMSNormalization (operator set 23) and ONNX Runtime's name for it, with epsilon in float64.</summary>
[Lowers("RMSNormalization")]
[Lowers("SimplifiedLayerNormalization")]
internal sealed class RmsNormalization : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        string mean = to.Reduce("ReduceMean", to.Mul(x, x), LayerNormalization.Axes(to));
        string root = to.Op("Sqrt", to.Add(mean, to.Float("epsilon", 1e-5f)));
        to.To(to.Output, "Mul", to.Div(x, root), to.Input(1));
        if (to.OutputAt(1).Length > 0)
        {
            to.To(to.OutputAt(1), "Reciprocal", root);
        }

        return true;
    }
}
