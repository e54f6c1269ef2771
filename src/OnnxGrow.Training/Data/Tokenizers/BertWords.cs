using System.Globalization;
using System.Text;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>
/// The words that BERT cuts text into: control characters dropped, Chinese characters and punctuation alone, the rest at
/// white space; in lower case and without accents where asked for. Where implementations differ, this does
/// what the last version of BERT's own code does: ς ends words in lower case, private and unassigned characters stay.
/// </summary>
internal sealed class BertWords(bool lowerCase)
{
    private readonly StringBuilder _word = new();
    private readonly StringBuilder _lowered = new();

    /// <summary>Calls back for each word.</summary>
    public void Cut(ReadOnlySpan<char> text, Action<string> word)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsSpace(rune))
            {
                End(word);
            }
            else if (rune.Value is 0 or 0xFFFD || IsControl(rune))
            {
                continue;
            }
            else if (IsChinese(rune.Value))
            {
                End(word);
                _word.Append(rune.ToString());
                End(word);
            }
            else
            {
                _word.Append(rune.ToString());
            }
        }

        End(word);
    }

    // Punctuation is looked for last: what accents were taken from may have become some.
    private void End(Action<string> word)
    {
        int start = 0, at = 0;
        string text = lowerCase ? Lowered(_word.ToString()) : _word.ToString();
        _word.Clear();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsPunctuation(rune))
            {
                Give(text[start..at]);
                Give(rune.ToString());
                start = at + rune.Utf16SequenceLength;
            }

            at += rune.Utf16SequenceLength;
        }

        Give(text[start..]);

        void Give(string part)
        {
            if (part.Length > 0)
            {
                word(part);
            }
        }
    }

    private string Lowered(string word)
    {
        _lowered.Clear();
        int at = 0;
        foreach (Rune rune in word.EnumerateRunes())
        {
            // The one letter whose lower case is two: i and a dot, which goes with the accents.
            Rune lower = rune.Value == 0x130 ? new Rune('i')
                : rune == FinalSigma.Capital && FinalSigma.Is(word, at) ? FinalSigma.Small
                : Rune.ToLowerInvariant(rune);
            CanonicalLetters.AppendWithoutAccents(lower, _lowered);
            at += rune.Utf16SequenceLength;
        }

        return _lowered.ToString();
    }

    private static bool IsSpace(Rune rune) => rune.Value is ' ' or '\t' or '\n' or '\r' or 0x2028 or 0x2029
        || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator;

    private static bool IsControl(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format;

    private static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value > ' ' && rune.Value < 0x7F && !char.IsAsciiLetterOrDigit((char)rune.Value)
        : Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    private static bool IsChinese(int code) => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
