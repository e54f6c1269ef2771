using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Normalises channels by their running statistics, which stay as they are.</summary>
[TorchOperator("BatchNormalization")]
internal sealed class BatchNormalization : ITorchOperator
{
    private const double DefaultEpsilon = 1e-5f;

    public Tensor[] Run(OperatorCall at)
    {
        if (at.Int("training_mode", 0) != 0)
        {
            throw at.Refuse("it is in training mode, where its running statistics change with every batch; export the model in evaluation mode");
        }

        // Written out: a scale and a shift of each channel, which statistics that are trained reach as well.
        Tensor x = at.Input(0);
        long[] channel = [1, -1, .. Enumerable.Repeat(1L, (int)x.dim() - 2)];
        Tensor scale = at.Input(1) * at.Input(4).add(at.Float("epsilon", DefaultEpsilon)).rsqrt();
        return [((x - at.Input(3).reshape(channel)) * scale.reshape(channel)) + at.Input(2).reshape(channel)];
    }
}
