using System.Text;
using System.Text.RegularExpressions;

namespace OnnxGrow.Docs;

/// <summary>Pieces of Markdown.</summary>
internal static partial class Markdown
{
    /// <summary>What stands at the top of a page that is written by a program.</summary>
    public const string Written = "<!-- Written by 'dotnet run -c Release --project tools/docs'; changes belong into the code. -->\n\n";

    /// <summary>A text in one line, as a cell of a table.</summary>
    public static string Cell(string text) => Blanks().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    /// <summary>A text as code, as a cell of a table.</summary>
    public static string Code(string text) => text.Length == 0 ? "" : "`" + text.Replace("|", "\\|", StringComparison.Ordinal) + "`";

    /// <summary>The anchor that a heading has on GitHub.</summary>
    public static string Anchor(string heading)
    {
        var anchor = new StringBuilder();
        foreach (char c in heading.Trim())
        {
            if (char.IsLetterOrDigit(c) || c is '-' or '_')
            {
                anchor.Append(char.ToLowerInvariant(c));
            }
            else if (c == ' ')
            {
                anchor.Append('-');
            }
        }

        return anchor.ToString();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
