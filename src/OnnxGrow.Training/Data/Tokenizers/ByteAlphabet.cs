namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>
/// The letters that GPT-2's vocabulary files write bytes with: printable Latin-1 stands for itself, the other bytes for
/// the letters from U+0100 in their order.
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstStandIn = 0x100;

    static ByteAlphabet()
    {
        var order = new List<byte>();
        for (int b = 0; b < 256; b++)
        {
            if (StandsForItself(b))
            {
                Letters[b] = (char)b;
                order.Add((byte)b);
            }
        }

        int next = FirstStandIn;
        for (int b = 0; b < 256; b++)
        {
            if (!StandsForItself(b))
            {
                Letters[b] = (char)next++;
                order.Add((byte)b);
            }
        }

        Order = [.. order];
        Bytes = Letters.Select((letter, b) => (letter, b)).ToDictionary(p => p.letter, p => (byte)p.b);
    }

    /// <summary>The letter of each byte.</summary>
    public static char[] Letters { get; } = new char[256];

    /// <summary>The bytes in the order of GPT-2's first 256 ids.</summary>
    public static byte[] Order { get; }

    /// <summary>The byte of each letter.</summary>
    public static Dictionary<char, byte> Bytes { get; }

    private static bool StandsForItself(int b) => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
