using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Pads with a number, or with what the axes themselves hold.</summary>
[TorchOperator("Pad")]
internal sealed class Pad : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        long[] pads = at.Integers(1);
        long[] axes = at.OptionalIntegers(3) ?? [.. Enumerable.Range(0, (int)x.dim()).Select(a => (long)a)];
        string mode = at.String("mode", "constant");
        if (mode != "constant")
        {
            for (int i = 0; i < axes.Length; i++)
            {
                x = Mirrored(x, OperatorCall.Axis(axes[i], x.dim()), pads[i], pads[i + axes.Length], mode);
            }

            return [x];
        }

        // TorchSharp counts from the last axis: in front, behind, then those of the axis before.
        long[] amounts = new long[2 * x.dim()];
        for (int i = 0; i < axes.Length; i++)
        {
            int place = 2 * ((int)x.dim() - 1 - OperatorCall.Axis(axes[i], x.dim()));
            amounts[place] = pads[i];
            amounts[place + 1] = pads[i + axes.Length];
        }

        double value = at.Has(2) ? HostValues.Doubles(at.Input(2))[0] : 0;
        return [Functional.pad(x, amounts, PaddingModes.Constant, value)];
    }

    private static Tensor Mirrored(Tensor x, int axis, long front, long behind, string mode)
    {
        if (front == 0 && behind == 0)
        {
            return x;
        }

        long extent = x.shape[axis];
        long[] places = [.. Enumerable.Range(0, (int)(front + extent + behind)).Select(i => Place(i - front, extent, mode))];
        return x.index_select(axis, torch.tensor(places, ScalarType.Int64, x.device));
    }

    private static long Place(long index, long extent, string mode)
    {
        switch (mode)
        {
            case "edge":
                return Math.Clamp(index, 0, extent - 1);
            case "wrap":
                return ((index % extent) + extent) % extent;
            default:
                long period = Math.Max(1, 2 * (extent - 1));
                long within = ((index % period) + period) % period;
                return Math.Min(within, period - within);
        }
    }
}
