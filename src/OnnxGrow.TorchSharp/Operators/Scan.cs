using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>
/// An inner graph run for every element along an axis: values are handed on, inputs taken apart, outputs put together.
/// </summary>
[TorchOperator("Scan")]
internal sealed class Scan : ITorchOperator
{
    private const string Body = "body";

    public Tensor[] Run(OperatorCall at)
    {
        int scanned = (int)at.Int("num_scan_inputs", 1);
        Tensor[] all = at.All;
        Tensor[] carried = all[..^scanned];
        long[] axes = at.IntList("scan_input_axes") ?? new long[scanned];
        long[] backwards = at.IntList("scan_input_directions") ?? new long[scanned];
        Tensor[][] pieces = [.. all[^scanned..].Select((x, i) => Pieces(x, OperatorCall.Axis(axes[i], x.dim()), backwards[i] != 0))];
        int outputs = at.CountsOf(Body).Outputs - carried.Length;
        List<Tensor>[] collected = [.. Enumerable.Range(0, outputs).Select(_ => new List<Tensor>())];
        for (int step = 0; step < pieces[0].Length; step++)
        {
            Tensor[] made = at.RunInner(Body, [.. carried, .. pieces.Select(p => p[step])]);
            carried = made[..carried.Length];
            for (int i = 0; i < outputs; i++)
            {
                collected[i].Add(made[carried.Length + i]);
            }
        }

        return [.. carried, .. collected.Select((c, i) => Joined(at, c, i))];
    }

    private static Tensor[] Pieces(Tensor x, int axis, bool backwards)
    {
        Tensor[] pieces = x.unbind(axis);
        return backwards ? [.. pieces.Reverse()] : pieces;
    }

    private static Tensor Joined(OperatorCall at, List<Tensor> pieces, int output)
    {
        if (at.IntList("scan_output_directions") is { } backwards && backwards[output] != 0)
        {
            pieces.Reverse();
        }

        return torch.stack(pieces, OperatorCall.Axis(at.IntList("scan_output_axes")?[output] ?? 0, pieces[0].dim() + 1));
    }
}
