using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Transpose: the inverse permutation.</summary>
[Gradient("Transpose")]
internal sealed class Transpose : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        int rank = at.RankOf(at.Input(0));
        long[] perm = at.IntList("perm") ?? [.. Enumerable.Range(0, rank).Select(a => (long)(rank - 1 - a))];
        long[] back = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            back[perm[i]] = i;
        }

        return back.Select((a, i) => a == i).All(same => same) ? at.TheGradient : at.Transpose(at.TheGradient, back);
    });
}
