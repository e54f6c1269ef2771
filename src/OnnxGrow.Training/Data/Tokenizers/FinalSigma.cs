using System.Globalization;
using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>
/// The one lower case that depends on what stands around a letter: of the Greek capital sigma, which is ς after a letter
/// with case and before none, as Unicode's Final_Sigma has it.
/// </summary>
internal static class FinalSigma
{
    public static readonly Rune Capital = new(0x3A3), Small = new(0x3C2);

    /// <summary>Whether the capital sigma at a place of a word without control characters ends it.</summary>
    public static bool Is(ReadOnlySpan<char> word, int at)
    {
        ReadOnlySpan<char> before = word[..at], after = word[(at + 1)..];
        while (Rune.DecodeLastFromUtf16(before, out Rune last, out int length) == System.Buffers.OperationStatus.Done && IsPassedOver(last))
        {
            before = before[..^length];
        }

        while (Rune.DecodeFromUtf16(after, out Rune first, out int length) == System.Buffers.OperationStatus.Done && IsPassedOver(first))
        {
            after = after[length..];
        }

        return Rune.DecodeLastFromUtf16(before, out Rune previous, out _) == System.Buffers.OperationStatus.Done && IsCased(previous)
            && !(Rune.DecodeFromUtf16(after, out Rune next, out _) == System.Buffers.OperationStatus.Done && IsCased(next));
    }

    // Case_Ignorable: marks, modifiers, and what Unicode lets stand within words.
    private static bool IsPassedOver(Rune rune) => rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4
        or 0x2018 or 0x2019 or 0x2024 or 0x2027 or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    // Besides letters: ordinal indicators, Roman numerals, and letters in circles and squares.
    private static bool IsCased(Rune rune) => rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9)
        or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;
}
