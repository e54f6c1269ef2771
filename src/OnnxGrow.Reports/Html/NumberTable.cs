namespace OnnxGrow.Reports.Html;

/// <summary>A table whose columns and rows have headings; wide ones scroll within the page, by keyboard too.</summary>
internal static class NumberTable
{
    /// <summary>Writes a table.</summary>
    /// <param name="html">The page.</param>
    /// <param name="caption">What it is of.</param>
    /// <param name="columns">The headings; the first is that of the rows.</param>
    /// <param name="rows">The cells; the first of each is its heading.</param>
    public static void Write(HtmlWriter html, string caption, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        html.Open("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", caption));
        html.Open("table").Element("caption", caption).Open("thead").Open("tr");
        foreach (string column in columns)
        {
            html.Element("th", column, ("scope", "col"));
        }

        html.Close().Close().Open("tbody");
        foreach (IReadOnlyList<string> row in rows)
        {
            html.Open("tr").Element("th", row[0], ("scope", "row"));
            foreach (string cell in row.Skip(1))
            {
                html.Element("td", cell);
            }

            html.Close();
        }

        html.Close().Close().Close();
    }
}
