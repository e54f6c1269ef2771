namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Rotary embedding of [batch, heads, length, head size]: the first channels, twice as many as the tables are wide, in
/// pairs (a, b) to (a cos - b sin, a sin + b cos); the channels behind them stay.
/// </summary>
internal static class Rotation
{
    /// <summary>Rotates by tables [batch or 1, 1, length, pairs].</summary>
    public static string Rotate(Emitter to, string x, string cos, string sin, bool interleaved)
    {
        string pairs = to.Dim(cos, -1);
        string width = to.Add(pairs, pairs);
        string rotated = to.Cut(x, 3, to.IntList(0), width);
        string rest = to.Cut(x, 3, width, to.IntList(long.MaxValue));
        string a = interleaved ? to.Slice(rotated, [0], [long.MaxValue], [3], [2]) : to.Cut(rotated, 3, to.IntList(0), pairs);
        string b = interleaved ? to.Slice(rotated, [1], [long.MaxValue], [3], [2]) : to.Cut(rotated, 3, pairs, width);
        string real = to.Sub(to.Mul(a, cos), to.Mul(b, sin));
        string imaginary = to.Add(to.Mul(a, sin), to.Mul(b, cos));
        if (!interleaved)
        {
            return to.Join(3, real, imaginary, rest);
        }

        string side = to.Join(4, to.Unsqueeze(real, 4), to.Unsqueeze(imaginary, 4));
        return to.Join(3, to.Op("Reshape", side, to.ShapeOf(rotated)), rest);
    }

    /// <summary>The rows of a table [positions, pairs] at ids [length] or [batch, length], as [batch or 1, 1, length, pairs].</summary>
    public static string Rows(Emitter to, string table, string ids)
    {
        string shape = to.Join(0, to.IntList(-1, 1), to.Dim(ids, -1), to.Dim(table, 1));
        return to.Op("Reshape", to.Gather(table, ids, 0), shape);
    }
}
