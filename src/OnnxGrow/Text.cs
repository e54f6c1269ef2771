using System.Globalization;
using System.Text;

namespace OnnxGrow;

/// <summary>Text for messages: names from files are shown escaped and cut, so that a file cannot write to the terminal.</summary>
public static class Text
{
    /// <summary>Longest name that a message shows.</summary>
    public const int MaxNameLength = 120;

    /// <summary>Most items of a file's lists that a message shows.</summary>
    public const int MaxShown = 12;

    /// <summary>A name from a file, control characters escaped, cut in the middle where it is too long.</summary>
    public static string Name(string name) => Escape(Cut(name), "");

    /// <summary>
    /// A whole message before it is shown: characters that move the cursor, turn text around or break lines are escaped, lines
    /// stay. Names in it were escaped when it was made; this holds for what systems and libraries put into theirs.
    /// </summary>
    public static string Shown(string message) => Escape(message, "\n");

    /// <summary>A name, numbered where it is taken; it is taken afterwards.</summary>
    internal static string Unique(string name, HashSet<string> taken)
    {
        string unique = name;
        for (int i = 2; !taken.Add(unique); i++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return unique;
    }

    private static string Escape(string text, string kept)
    {
        StringBuilder? escaped = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (IsEscaped(c) && !kept.Contains(c, StringComparison.Ordinal))
            {
                escaped ??= new StringBuilder(text, 0, i, text.Length + 16);
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                escaped?.Append(c);
            }
        }

        return escaped?.ToString() ?? text;
    }

    // Line and paragraph separators are no control characters, but break lines all the same.
    private static bool IsEscaped(char c) => char.IsControl(c) || char.IsSurrogate(c)
        || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Text without its middle where it is too long for a message.</summary>
    internal static string Cut(string text) => text.Length <= MaxNameLength
        ? text
        : string.Concat(text.AsSpan(0, MaxNameLength - 20), "...", text.AsSpan(text.Length - 17));

    /// <summary>A number with thousands separators, the same in every locale.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Bytes in the unit that suits.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1L << 10 => FormattableString.Invariant($"{bytes} B"),
        < 1L << 20 => FormattableString.Invariant($"{bytes / 1024.0:0.#} KiB"),
        < 1L << 30 => FormattableString.Invariant($"{bytes / 1048576.0:0.#} MiB"),
        _ => FormattableString.Invariant($"{bytes / 1073741824.0:0.##} GiB"),
    };

    /// <summary>"a, b and 40 others": the first of a list that a file may make as long as it likes.</summary>
    public static string Some(IEnumerable<string> items)
    {
        string[] all = [.. items];
        return all.Length <= MaxShown
            ? List(all)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", all[..(MaxShown - 1)])} and {all.Length - MaxShown + 1} others");
    }

    /// <summary>"a, b and c"; of what a file holds, <see cref="Some"/>.</summary>
    public static string List(IEnumerable<string> items)
    {
        string[] all = [.. items];
        return all.Length switch
        {
            0 => "none",
            1 => all[0],
            _ => string.Join(", ", all[..^1]) + " and " + all[^1],
        };
    }
}
