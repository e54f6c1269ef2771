using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace OnnxGrow.MSBuild;

/// <summary>Text that MSBuild is to take as it is: names of files may have any of the characters that mean something to it.</summary>
internal static class Escaping
{
    private const string Special = "%*?@$();'";

    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = Special.Contains(c, StringComparison.Ordinal) ? escaped.Append(CultureInfo.InvariantCulture, $"%{(int)c:x2}") : escaped.Append(c);
        }

        return escaped.ToString();
    }

    /// <summary>A list of files as one metadata, which MSBuild takes apart again.</summary>
    public static string List(IEnumerable<string> files) => string.Join(';', files.Select(Escape));

    /// <summary>An item with metadata, all of it taken as it is.</summary>
    public static TaskItem Item(string identity, params IEnumerable<(string Name, string Value)> metadata)
    {
        var item = new TaskItem(Escape(identity));
        foreach ((string name, string value) in metadata)
        {
            item.SetMetadata(name, Escape(value));
        }

        return item;
    }

    /// <summary>The files of a metadata that <see cref="List"/> made.</summary>
    public static string[] Files(ITaskItem item, string name) =>
        [.. ((ITaskItem2)item).GetMetadataValueEscaped(name).Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Unescape)];

    private static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte code))
            {
                plain.Append((char)code);
                i += 2;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
