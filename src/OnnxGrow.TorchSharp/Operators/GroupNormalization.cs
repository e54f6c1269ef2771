using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>
/// Normalises groups of channels; scale and bias have an element a group (operator set 18) or a channel (from 21 on).
/// </summary>
[TorchOperator("GroupNormalization")]
internal sealed class GroupNormalization : ITorchOperator
{
    private const double DefaultEpsilon = 1e-5f;

    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long groups = at.Int("num_groups", 1);
        Tensor y = Functional.group_norm(x, groups, null, null, at.Float("epsilon", DefaultEpsilon));
        if (at.Input(1).shape[0] == x.shape[1])
        {
            long[] channel = [1, -1, .. Enumerable.Repeat(1L, (int)x.dim() - 2)];
            return [(y * at.Input(1).reshape(channel)) + at.Input(2).reshape(channel)];
        }

        Tensor grouped = y.reshape(x.shape[0], groups, -1);
        return [((grouped * at.Input(1).reshape(1, groups, 1)) + at.Input(2).reshape(1, groups, 1)).reshape(x.shape)];
    }
}
