using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>BatchNormalization by its running statistics, which stay as they are: a scale and a shift of each channel.</summary>
[Gradient("BatchNormalization")]
internal sealed class BatchNormalization : IGradient
{
    private const double DefaultEpsilon = 1e-5f;

    public void Differentiate(GradientEmitter at)
    {
        if (at.Int("training_mode", 0) != 0)
        {
            throw GradientEmitter.Refuse(
                "it is in training mode, where its running statistics change with every batch; export the model in evaluation mode, "
                + "in which they are kept as they are and scale and bias are trained");
        }

        int rank = at.RankOf(at.Input(0));
        string gradient = at.TheGradient;
        string inverse = at.Op("Reciprocal", at.Op("Sqrt", at.Add(at.Input(4), at.Float("epsilon", DefaultEpsilon))));
        at.Give(0, () => at.Mul(gradient, Normed.PerChannel(at, at.Mul(at.Input(1), inverse), rank)));
        at.Give(1, () =>
        {
            string centred = at.Sub(at.Input(0), Normed.PerChannel(at, at.Input(3), rank));
            return at.Mul(Normed.SumPerChannel(at, at.Mul(gradient, centred), rank), inverse);
        });
        at.Give(2, () => Normed.SumPerChannel(at, gradient, rank));
    }
}
