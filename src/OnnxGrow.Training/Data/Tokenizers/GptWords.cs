using System.Globalization;
using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>
/// The words that GPT-2 cuts text into before it merges bytes:
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. Written out, since regular
/// expressions here see UTF-16 and not code points: letters outside the basic plane would not be letters.
/// </summary>
internal static class GptWords
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>The length of the word that the text begins with; the text is not empty.</summary>
    public static int First(ReadOnlySpan<char> text)
    {
        foreach (string contraction in text[0] == '\'' ? Contractions : [])
        {
            if (text.StartsWith(contraction, StringComparison.Ordinal))
            {
                return contraction.Length;
            }
        }

        int start = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        Kind kind = KindAt(text[start..], out _);
        if (kind != Kind.Space)
        {
            return start + Run(text[start..], kind);
        }

        // Of white space before a word the last character is left to the word.
        int spaces = 0, last = 0;
        while (spaces < text.Length && KindAt(text[spaces..], out int length) == Kind.Space)
        {
            last = spaces;
            spaces += length;
        }

        return spaces == text.Length || last == 0 ? spaces : last;
    }

    private static int Run(ReadOnlySpan<char> text, Kind kind)
    {
        int end = 0;
        while (end < text.Length && KindAt(text[end..], out int length) == kind)
        {
            end += length;
        }

        return end;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        char c = text[0];
        length = 1;
        if (c < 0x80)
        {
            return char.IsAsciiLetter(c) ? Kind.Letter : char.IsAsciiDigit(c) ? Kind.Number : Rune.IsWhiteSpace(new Rune(c)) ? Kind.Space : Kind.Other;
        }

        if (Rune.DecodeFromUtf16(text, out Rune rune, out length) != System.Buffers.OperationStatus.Done)
        {
            return Kind.Other;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other,
        };
    }
}
