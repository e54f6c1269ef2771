using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's RotaryEmbedding of [batch, length, hidden] or [batch, heads, length, head size]; the positions are given
/// one by one, or as the first of them.
/// </summary>
[Lowers("RotaryEmbedding", Domain = Domains.Microsoft)]
internal sealed class FusedRotaryEmbedding : ILowering
{
    public bool Lower(Emitter to)
    {
        if (to.Int("is_packed_batching", 0) != 0)
        {
            throw to.Refuse("packed batching is not lowered");
        }

        string x = to.Input(0);
        bool flat = to.RankOf(x) == 3;
        string split = flat ? Split(to, x) : x;
        string positions = to.Range(to.Dim(split, 2));
        string first = to.Cast(to.Op("Equal", to.Op("Size", to.Input(1)), to.IntScalar(1)), ElementType.Int64);
        string ids = to.Add(to.Input(1), to.Mul(positions, first));
        string cos = Rotation.Rows(to, to.Input(2), ids);
        string sin = Rotation.Rows(to, to.Input(3), ids);
        string rotated = Rotation.Rotate(to, split, cos, sin, to.Int("interleaved", 0) != 0);
        if (flat)
        {
            DotProduct.Join(to, rotated, to.Output);
        }
        else
        {
            to.To(to.Output, "Identity", rotated);
        }

        return true;
    }

    // Without a number of heads a head is as wide as the tables say.
    private static string Split(Emitter to, string x)
    {
        if (to.Int("num_heads", 0) is > 0 and long heads)
        {
            return DotProduct.Split(to, x, heads);
        }

        string pairs = to.Dim(to.Input(2), 1);
        string shape = to.Join(0, to.IntList(0, 0, -1), to.Add(pairs, pairs));
        return to.Transpose(to.Op("Reshape", x, shape), 0, 2, 1, 3);
    }
}
