using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Pieces along an axis, of given sizes or equal ones.</summary>
[TorchOperator("Split")]
internal sealed class Split : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        int axis = OperatorCall.Axis(at.Int("axis", 0), x.dim());
        long extent = x.shape[axis];
        long count = at.Int("num_outputs", at.Outputs);
        long piece = (extent + count - 1) / count;
        long[] sizes = at.OptionalIntegers(1) ?? [.. Enumerable.Range(0, (int)count).Select(i => Math.Max(0, Math.Min(piece, extent - (i * piece))))];
        long start = 0;
        var pieces = new Tensor[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            pieces[i] = x.narrow(axis, start, sizes[i]);
            start += sizes[i];
        }

        return pieces;
    }
}
