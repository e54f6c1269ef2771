using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Normalises over the last axes, with a gain and a shift.</summary>
[TorchOperator("LayerNormalization")]
internal sealed class LayerNormalization : ITorchOperator
{
    private const double DefaultEpsilon = 1e-5f;

    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] normed = x.shape[OperatorCall.Axis(at.Int("axis", -1), x.dim())..];
        double epsilon = at.Float("epsilon", DefaultEpsilon);
        Tensor scale = at.Input(1);
        Tensor? bias = at.Optional(2);
        bool whole = scale.shape.SequenceEqual(normed) && (bias is null || bias.shape.SequenceEqual(normed));
        Tensor y = whole ? Functional.layer_norm(x, normed, scale, bias, epsilon) : Functional.layer_norm(x, normed, null, null, epsilon) * scale;
        y = whole || bias is null ? y : y + bias;
        return at.Wants(1) || at.Wants(2) ? [y, .. Statistics(x, normed.Length, epsilon)] : [y];
    }

    private static Tensor[] Statistics(Tensor x, int count, double epsilon)
    {
        long[] axes = Reductions.Last(x, count);
        Tensor mean = x.mean(axes, true);
        return [mean, (x - mean).square().mean(axes, true).add(epsilon).rsqrt()];
    }
}
