namespace OnnxGrow.Docs;

/// <summary>A part of a page between two comments, which alone is written.</summary>
internal static class MarkedPart
{
    /// <summary>The page with another text between <c>&lt;!-- NAME: ... --&gt;</c> and <c>&lt;!-- end of NAME --&gt;</c>.</summary>
    /// <param name="page">The page.</param>
    /// <param name="name">The part's name.</param>
    /// <param name="text">What the part becomes.</param>
    /// <exception cref="InvalidOperationException">The page has no such comments.</exception>
    public static string Replace(string page, string name, string text)
    {
        int begin = page.IndexOf($"<!-- {name}:", StringComparison.Ordinal);
        int from = begin < 0 ? -1 : page.IndexOf("-->\n", begin, StringComparison.Ordinal);
        int end = page.IndexOf($"<!-- end of {name} -->", StringComparison.Ordinal);
        return from < 0 || end < from
            ? throw new InvalidOperationException($"the comments '<!-- {name}: ... -->' and '<!-- end of {name} -->' are not in the page")
            : page[..(from + 4)] + text + page[end..];
    }
}
