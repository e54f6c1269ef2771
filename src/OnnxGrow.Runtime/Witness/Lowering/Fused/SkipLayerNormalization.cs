namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>SkipLayerNormalization and SkipSimplifiedLayerNormalization: a norm of input + skip + bias, and that sum.</summary>
[Lowers("SkipLayerNormalization", Domain = Domains.Microsoft)]
[Lowers("SkipSimplifiedLayerNormalization", Domain = Domains.Microsoft)]
internal sealed class SkipLayerNormalization : ILowering
{
    public bool Lower(Emitter to)
    {
        bool simple = to.Node.OpType == "SkipSimplifiedLayerNormalization";
        string bias = to.Input(simple ? 3 : 4);
        string sum = to.Add(to.Input(0), to.Input(1));
        sum = bias.Length == 0 ? sum : to.Add(sum, bias);
        to.Give(3, "Identity", sum);
        string mean = simple ? "" : to.Reduce("ReduceMean", sum, -1);
        string centred = simple ? sum : to.Sub(sum, mean);
        string variance = to.Reduce("ReduceMean", to.Mul(centred, centred), -1);
        string deviation = to.Op("Sqrt", to.Add(variance, to.Float("epsilon", 1e-12f)));
        string normal = to.Mul(to.Div(centred, deviation), to.Input(2));
        bool shifted = !simple && to.Input(3).Length > 0;
        to.To(to.Output, shifted ? "Add" : "Identity", shifted ? [normal, to.Input(3)] : [normal]);
        if (to.OutputAt(1).Length > 0)
        {
            to.To(to.OutputAt(1), "Identity", simple ? throw to.Refuse("it has no mean") : mean);
        }

        to.Give(2, "Reciprocal", deviation);
        return true;
    }
}
