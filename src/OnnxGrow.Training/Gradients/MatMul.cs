using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// MatMul: dA = dC B^T, dB = A^T dC. Where B is a plain matrix all rows of A are taken together, so that its gradient is one
/// product and not a sum over a batch of them.
/// </summary>
[Gradient("MatMul")]
internal sealed class MatMul : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        long[] a = at.DimsOf(at.Input(0));
        long[] b = at.DimsOf(at.Input(1));
        if (b.Length == 2 && a.Length >= 2)
        {
            ByMatrix(at, a, b);
        }
        else
        {
            Batched(at, a, b);
        }
    }

    private static void ByMatrix(GradientEmitter at, long[] a, long[] b)
    {
        string gradient = Rows(at, at.TheGradient, a.Length, b[1]);
        at.Give(0, () =>
        {
            string rows = at.Op("Gemm", [("transB", 1L)], gradient, at.Input(1));
            return a.Length == 2 ? rows : at.ReshapeLike(rows, at.Input(0));
        });
        at.Give(1, () => at.Op("Gemm", [("transA", 1L)], Rows(at, at.Input(0), a.Length, a[^1]), gradient));
    }

    private static string Rows(GradientEmitter at, string value, int rank, long last) =>
        rank == 2 ? value : at.Reshape(value, -1, last);

    private static void Batched(GradientEmitter at, long[] a, long[] b)
    {
        // Vectors become matrices of one row or column, as MatMul itself does.
        string left = a.Length == 1 ? at.Op("Unsqueeze", at.Input(0), at.Ints(0)) : at.Input(0);
        string right = b.Length == 1 ? at.Op("Unsqueeze", at.Input(1), at.Ints(1)) : at.Input(1);
        long[] dimsA = a.Length == 1 ? [1, .. a] : a;
        long[] dimsB = b.Length == 1 ? [.. b, 1] : b;
        string gradient = at.TheGradient;
        if (a.Length == 1)
        {
            gradient = at.Op("Unsqueeze", gradient, at.Ints(b.Length == 1 ? -1 : -2));
        }

        if (b.Length == 1)
        {
            gradient = at.Op("Unsqueeze", gradient, at.Ints(-1));
        }

        long[] batch = Batch(dimsA, dimsB);
        at.Give(0, () => Back(at, at.MatMul(gradient, Turned(at, right, dimsB.Length)), [.. batch, .. dimsA[^2..]], dimsA, a.Length == 1, 0));
        at.Give(1, () => Back(at, at.MatMul(Turned(at, left, dimsA.Length), gradient), [.. batch, .. dimsB[^2..]], dimsB, b.Length == 1, -1));
    }

    private static string Back(GradientEmitter at, string value, long[] from, long[] to, bool vector, long axis)
    {
        string summed = at.SumTo(value, from, to);
        return vector ? at.Op("Squeeze", summed, at.Ints(axis)) : summed;
    }

    private static string Turned(GradientEmitter at, string value, int rank) =>
        at.Transpose(value, [.. Enumerable.Range(0, rank - 2).Select(i => (long)i), rank - 1, rank - 2]);

    private static long[] Batch(long[] a, long[] b)
    {
        long[] batch = new long[Math.Max(a.Length, b.Length) - 2];
        for (int i = 1; i <= batch.Length; i++)
        {
            batch[^i] = Math.Max(i + 2 <= a.Length ? a[^(i + 2)] : 1, i + 2 <= b.Length ? b[^(i + 2)] : 1);
        }

        return batch;
    }
}
