using System.Globalization;
using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>
/// Takes accents off letters: canonical decomposition without non-spacing marks. The table is Unicode 14's, since the
/// framework's own normalisation leaves everything as it is in a program that carries no data of cultures.
/// </summary>
internal static class CanonicalLetters
{
    private const int FirstHangul = 0xAC00, Hangul = 11172, Vowels = 21, Tails = 28;

    private static readonly Lazy<Dictionary<int, int[]>> Table = new(ReadTable);

    public static void AppendWithoutAccents(Rune rune, StringBuilder text)
    {
        if (rune.IsAscii)
        {
            text.Append((char)rune.Value);
        }
        else if (rune.Value - FirstHangul is var hangul and >= 0 and < Hangul)
        {
            text.Append((char)(0x1100 + (hangul / (Vowels * Tails)))).Append((char)(0x1161 + (hangul / Tails % Vowels)));
            if (hangul % Tails > 0)
            {
                text.Append((char)(0x11A7 + (hangul % Tails)));
            }
        }
        else if (Table.Value.TryGetValue(rune.Value, out int[]? letters))
        {
            foreach (int letter in letters)
            {
                text.Append(new Rune(letter).ToString());
            }
        }
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
        {
            text.Append(rune.ToString());
        }
    }

    // A line is a code point and what is left of it, in hexadecimal.
    private static Dictionary<int, int[]> ReadTable()
    {
        using Stream stream = typeof(CanonicalLetters).Assembly.GetManifestResourceStream("decompositions.txt")!;
        using var reader = new StreamReader(stream);
        var table = new Dictionary<int, int[]>();
        while (reader.ReadLine() is { } line)
        {
            int[] codes = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            table.Add(codes[0], codes[1..]);
        }

        return table;
    }
}
