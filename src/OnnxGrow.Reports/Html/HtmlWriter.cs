using System.Globalization;
using System.Text;

namespace OnnxGrow.Reports.Html;

/// <summary>
/// Writes HTML that is well-formed XML too. Every text and every attribute's value is escaped here, so that no name of a model
/// and no recipe can become a part of the page's structure.
/// </summary>
internal sealed class HtmlWriter
{
    private static readonly HashSet<string> Lines = new(StringComparer.Ordinal)
    {
        "html", "head", "body", "header", "main", "footer", "section", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "dl", "table", "thead",
        "tbody", "tr", "figure", "details", "summary", "form", "fieldset", "legend", "label", "div", "script", "style", "title", "nav",
        "svg", "pre", "noscript",
    };

    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>Begins an element; an attribute whose value is null is left out.</summary>
    public HtmlWriter Open(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(tag, attributes);
        _text.Append('>');
        _open.Push(tag);
        return this;
    }

    /// <summary>Ends the element that was begun last.</summary>
    public HtmlWriter Close()
    {
        string tag = _open.Pop();
        _text.Append("</").Append(tag).Append('>');
        if (Lines.Contains(tag))
        {
            _text.Append('\n');
        }

        return this;
    }

    /// <summary>An element with a text in it.</summary>
    public HtmlWriter Element(string tag, string text, params ReadOnlySpan<(string Name, string? Value)> attributes) =>
        Open(tag, attributes).Text(text).Close();

    /// <summary>An element that has no content in HTML.</summary>
    public HtmlWriter Void(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(tag, attributes);
        _text.Append("/>");
        return this;
    }

    /// <summary>Text.</summary>
    public HtmlWriter Text(string text)
    {
        Escape(_text, text);
        return this;
    }

    /// <summary>The content of a script or style sheet of the program's own, which is not escaped.</summary>
    /// <exception cref="InvalidOperationException">It would end the element or the section that keeps XML from reading it.</exception>
    public HtmlWriter Code(string code)
    {
        if (code.Contains("]]>", StringComparison.Ordinal) || code.Contains("</s", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException("a script or style sheet of the page would end in its middle");
        }

        _text.Append(code);
        return this;
    }

    /// <summary>The end of such a content, with the marker that <see cref="Code"/> refuses within it.</summary>
    internal HtmlWriter Raw(string end)
    {
        _text.Append(end);
        return this;
    }

    /// <summary>What was written.</summary>
    /// <exception cref="InvalidOperationException">An element is still open.</exception>
    public override string ToString() => _open.Count == 0 ? _text.ToString() : throw new InvalidOperationException($"the element '{_open.Peek()}' is not closed");

    /// <summary>Text as it stands in a page.</summary>
    internal static void Escape(StringBuilder to, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '&':
                    to.Append("&amp;");
                    break;
                case '<':
                    to.Append("&lt;");
                    break;
                case '>':
                    to.Append("&gt;");
                    break;
                case '"':
                    to.Append("&quot;");
                    break;
                case '\'':
                    to.Append("&#39;");
                    break;
                case '\n' or '\t':
                    to.Append(c);
                    break;
                case '\r':
                    break;
                case var _ when char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]):
                    to.Append(c).Append(text[++i]);
                    break;
                case var _ when char.IsControl(c) || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF' || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format:
                    // What turns the direction of text around, or is no character at all, is shown by its number.
                    to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    to.Append(c);
                    break;
            }
        }
    }

    private void Start(string tag, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _text.Append('<').Append(tag);
        foreach ((string name, string? value) in attributes)
        {
            if (value is not null)
            {
                _text.Append(' ').Append(name).Append("=\"");
                Escape(_text, value);
                _text.Append('"');
            }
        }
    }
}
