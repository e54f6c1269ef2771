using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnnxGrow.Runtime.Kernels;

/// <summary>
/// The error function of float32 numbers, to a few units in the last place: near 0 a polynomial, elsewhere 1 - exp of one (minimax
/// coefficients as N. Juffa published them). A number gives the same bits wherever it stands in a list.
/// </summary>
internal static class ErrorFunction
{
    private const float Near = 0.927734375f;

    /// <summary>Beyond it the result is 1 to the last bit.</summary>
    private const float Far = 4;

    /// <summary>erf of each.</summary>
    public static void Of(ReadOnlySpan<float> x, Span<float> to)
    {
        ref float from = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(to[..x.Length]);
        int i = 0;
        for (; i <= x.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Of(Vector512.LoadUnsafe(ref from, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        }

        if (i < x.Length)
        {
            Span<float> rest = stackalloc float[Vector512<float>.Count];
            rest.Clear();
            x[i..].CopyTo(rest);
            Of(Vector512.Create<float>(rest)).CopyTo(rest);
            rest[..(x.Length - i)].CopyTo(to[i..]);
        }
    }

    private static Vector512<float> Of(Vector512<float> x)
    {
        Vector512<float> t = Vector512.Min(Vector512.Abs(x), C(Far));
        Vector512<float> s = t * t;
        Vector512<float> near = Vector512.FusedMultiplyAdd(C(-5.96761703e-4f), s, C(4.99119423e-3f));
        near = Vector512.FusedMultiplyAdd(near, s, C(-2.67681349e-2f));
        near = Vector512.FusedMultiplyAdd(near, s, C(1.12819925e-1f));
        near = Vector512.FusedMultiplyAdd(near, s, C(-3.76125336e-1f));
        near = Vector512.FusedMultiplyAdd(near, s, C(1.28379166e-1f));
        near = Vector512.FusedMultiplyAdd(near, t, t);
        Vector512<float> far = Vector512.FusedMultiplyAdd(C(-1.72853470e-5f), t, C(3.83197126e-4f));
        far = Vector512.FusedMultiplyAdd(far, s, Vector512.FusedMultiplyAdd(C(-3.88396438e-3f), t, C(2.42546219e-2f)));
        far = Vector512.FusedMultiplyAdd(far, t, C(-1.06777877e-1f));
        far = Vector512.FusedMultiplyAdd(far, t, C(-6.34846687e-1f));
        far = Vector512.FusedMultiplyAdd(far, t, C(-1.28717512e-1f));
        far = C(1) - Exp(Vector512.FusedMultiplyAdd(far, t, -t));
        return Vector512.CopySign(Vector512.ConditionalSelect(Vector512.GreaterThan(t, C(Near)), far, near), x);
    }

    /// <summary>e^x for x in [-20, 0]: n ln 2 + r, a polynomial of r (coefficients of the Cephes library), n added to the exponent.</summary>
    private static Vector512<float> Exp(Vector512<float> x)
    {
        Vector512<float> n = Vector512.Floor(Vector512.FusedMultiplyAdd(x, C(1.44269504f), C(0.5f)));
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, C(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, C(2.12194440e-4f), r);
        Vector512<float> p = Vector512.FusedMultiplyAdd(C(1.9875691500e-4f), r, C(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, C(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, C(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, C(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, C(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r + C(1));
        return p * Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23).AsSingle();
    }

    private static Vector512<float> C(float value) => Vector512.Create(value);
}
