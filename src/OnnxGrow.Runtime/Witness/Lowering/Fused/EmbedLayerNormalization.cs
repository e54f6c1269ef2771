using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>EmbedLayerNormalization: the sum of word, position and segment embeddings, its norm, and the mask's length.</summary>
[Lowers("EmbedLayerNormalization", Domain = Domains.Microsoft)]
internal sealed class EmbedLayerNormalization : ILowering
{
    public bool Lower(Emitter to)
    {
        string ids = to.Input(0);
        string positions = to.Input(8).Length > 0 ? to.Input(8) : to.Range(to.Dim(ids, 1));
        string sum = to.Add(to.Gather(to.Input(2), ids, 0), to.Gather(to.Input(3), positions, 0));
        if (to.Input(1).Length > 0 && to.Input(4).Length > 0)
        {
            sum = to.Add(sum, to.Gather(to.Input(4), to.Input(1), 0));
        }

        to.Give(2, "Identity", sum);
        string centred = to.Sub(sum, to.Reduce("ReduceMean", sum, -1));
        string variance = to.Reduce("ReduceMean", to.Mul(centred, centred), -1);
        string deviation = to.Op("Sqrt", to.Add(variance, to.Float("epsilon", 1e-12f)));
        to.To(to.Output, "Add", to.Mul(to.Div(centred, deviation), to.Input(5)), to.Input(6));
        if (to.OutputAt(1).Length > 0)
        {
            // How many ones a row of the mask has; zeros where there is none.
            string mask = to.Cast(to.Input(7).Length > 0 ? to.Input(7) : ids, ElementType.Int64);
            string ones = to.Input(7).Length > 0 ? mask : to.Mul(mask, to.IntScalar(0));
            string count = to.Op("Reshape", to.Reduce("ReduceSum", ones, 1), to.IntList(-1));
            to.Cast32(to.OutputAt(1), count);
        }

        return true;
    }
}
