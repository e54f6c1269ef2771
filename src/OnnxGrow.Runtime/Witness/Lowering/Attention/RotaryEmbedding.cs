namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>RotaryEmbedding of operator set 23: with position ids the tables are [positions, pairs], without [batch, length, pairs].</summary>
[Lowers("RotaryEmbedding")]
internal sealed class RotaryEmbedding : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        long heads = to.Int("num_heads", 0);
        bool flat = to.DimsOf(x) is { } dims ? dims.Length == 3 : heads > 0;
        string split = flat ? DotProduct.Split(to, x, heads) : x;
        string ids = to.Input(3);
        string[] tables = [.. Enumerable.Range(1, 2).Select(
            i => ids.Length > 0 ? Rotation.Rows(to, to.Input(i), ids) : to.Unsqueeze(to.Input(i), 1))];
        string rotated = Rotation.Rotate(to, split, tables[0], tables[1], to.Int("interleaved", 0) != 0);
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
}
