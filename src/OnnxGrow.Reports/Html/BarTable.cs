using System.Globalization;

namespace OnnxGrow.Reports.Html;

/// <summary>A plot of bars that is a table: each row has its number beside its bar.</summary>
internal static class BarTable
{
    /// <summary>Writes it.</summary>
    /// <param name="html">The page.</param>
    /// <param name="caption">What it shows.</param>
    /// <param name="name">The heading of the rows' names.</param>
    /// <param name="number">The heading of the numbers.</param>
    /// <param name="rows">Name, number as text, and the bar's length from 0 to 1.</param>
    public static void Write(HtmlWriter html, string caption, string name, string number, IEnumerable<(string Name, string Number, double Length)> rows)
    {
        html.Open("div", ("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", caption));
        html.Open("table", ("class", "bars")).Element("caption", caption).Open("thead").Open("tr");
        html.Element("th", name, ("scope", "col")).Element("th", number, ("scope", "col")).Open("td", ("aria-hidden", "true")).Close().Close().Close().Open("tbody");
        foreach ((string row, string text, double length) in rows)
        {
            html.Open("tr").Element("th", row, ("scope", "row")).Element("td", text);
            html.Open("td", ("class", "barcell"), ("aria-hidden", "true"));
            html.Open("svg", ("class", "bar"), ("viewBox", "0 0 100 4"), ("preserveAspectRatio", "none"), ("focusable", "false"));
            html.Open("rect", ("width", (100 * Math.Clamp(length, 0, 1)).ToString("0.##", CultureInfo.InvariantCulture)), ("height", "4")).Close();
            html.Close().Close().Close();
        }

        html.Close().Close().Close();
    }
}
