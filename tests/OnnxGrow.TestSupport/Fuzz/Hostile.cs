namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Numbers and names that readers trip over.</summary>
internal static class Hostile
{
    private static readonly long[] Numbers =
    [
        0, 1, -1, 2, -2, 3, 7, 8, 16, 63, 64, 65, 127, 128, 255, 256, 1000, 1 << 16, 1 << 20, int.MaxValue, int.MinValue, 1L << 31, 1L << 32,
        (1L << 32) + 1, 1L << 40, 1L << 61, 1L << 62, long.MaxValue, long.MaxValue - 1, long.MinValue, long.MinValue + 1,
    ];

    private static readonly string[] Names =
    [
        "", " ", ".", "..", "/", "a/b", "\0", "\n", "a\nb", "\r\n", "\u001b[2J\u001b[31m", "\u0007", "\u007f", "\u0085", "\u009b31m", "\u202eevil", "\u2028", "\u2029",
        "\ufeff", "\ud83d\ude00", "\ufffe", "e\u0301", "{0}", "%s%n", "<script>", "'", "\"", "\\", "'); DROP", "hidden", "input", "ai.onnx", "com.microsoft", "Constant",
    ];

    public static long Number(SplitMix64 r) => r.Int(0, 3) switch
    {
        0 => r.Int(-3, 20),
        1 => (long)(r.Next() >> r.Int(0, 63)),
        _ => r.Pick(Numbers),
    };

    public static float Float(SplitMix64 r) =>
        r.Pick(0f, -0f, 1f, -1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, float.MaxValue, 1e-30f, (float)r.Normal());

    public static string Name(SplitMix64 r) => r.Int(0, 9) switch
    {
        0 => new string('x', r.Pick(119, 120, 121, 1000, 100_000)),
        1 => string.Concat(Enumerable.Repeat(r.Pick(Names), r.Pick(2, 60, 500))),
        _ => r.Pick(Names),
    };

    public static byte[] Bytes(SplitMix64 r, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)r.Next();
        }

        return bytes;
    }

    /// <summary>Overwrites, removes, repeats or cuts off bytes without regard to what they mean.</summary>
    public static byte[] Damage(byte[] bytes, SplitMix64 r)
    {
        if (bytes.Length == 0)
        {
            return Bytes(r, r.Int(0, 20));
        }

        int at = r.Int(0, bytes.Length - 1);
        int length = Math.Min(r.Pick(1, 1, 2, 4, 16, 300), bytes.Length - at);
        byte[] damaged = [.. bytes];
        switch (r.Int(0, 5))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 2:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 3:
                damaged[at] ^= (byte)(1 << r.Int(0, 7));
                return damaged;
            case 4:
                damaged[at] = r.Pick<byte>(0, 1, 0x7F, 0x80, 0xFF);
                return damaged;
            default:
                Bytes(r, length).CopyTo(damaged, at);
                return damaged;
        }
    }
}
