using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>A range along each of some axes, backwards too.</summary>
[TorchOperator("Slice")]
internal sealed class Slice : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] starts = at.Integers(1);
        long[] ends = at.Integers(2);
        long[] axes = at.OptionalIntegers(3) ?? [.. Enumerable.Range(0, starts.Length).Select(a => (long)a)];
        long[] steps = at.OptionalIntegers(4) ?? [.. starts.Select(_ => 1L)];
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = OperatorCall.Axis(axes[i], x.dim());
            x = steps[i] > 0
                ? Forwards(x, axis, starts[i], ends[i], steps[i])
                : Backwards(x, axis, starts[i], ends[i], steps[i]);
        }

        return [x];
    }

    private static Tensor Forwards(Tensor x, int axis, long start, long end, long step)
    {
        long extent = x.shape[axis];
        start = Math.Clamp(start < 0 ? start + extent : start, 0, extent);
        end = Math.Clamp(end < 0 ? end + extent : end, start, extent);
        return step == 1 ? x.narrow(axis, start, end - start) : x.slice(axis, start, end, step);
    }

    /// <summary>The range turned round, and taken forwards.</summary>
    private static Tensor Backwards(Tensor x, int axis, long start, long end, long step)
    {
        long extent = x.shape[axis];
        start = Math.Clamp(start < 0 ? start + extent : start, -1, extent - 1);
        end = Math.Clamp(end < 0 ? end + extent : end, -1, start);
        return Forwards(x.flip(axis), axis, extent - 1 - start, extent - 1 - end, -step);
    }
}
