using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Xunit;

namespace OnnxGrow.Reports.Tests;

/// <summary>Reads a page as XML, which it is too, and checks what holds for every page.</summary>
internal static partial class PageReader
{
    private static readonly HashSet<string> Empty = ["meta", "input"];

    /// <summary>The page as a tree.</summary>
    public static XDocument Read(string page)
    {
        using var reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        XDocument document = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
        Check(document, page);
        return document;
    }

    /// <summary>What the plots are drawn from.</summary>
    public static JsonElement Data(XDocument page) => JsonDocument.Parse(page.Descendants("script").Single(s => (string?)s.Attribute("id") == "data").Value).RootElement;

    /// <summary>The text of the cells of a row, by its heading.</summary>
    public static string[] Row(XDocument page, string heading) =>
        [.. page.Descendants("tr").First(r => r.Elements("th").Any(h => (string?)h.Attribute("scope") == "row" && h.Value == heading)).Elements("td").Select(c => c.Value)];

    private static void Check(XDocument document, string page)
    {
        // Nothing is loaded, and only these scripts run: the browser compares what stands between the tags.
        string policy = (string)document.Descendants("meta").Single(m => (string?)m.Attribute("http-equiv") == "Content-Security-Policy").Attribute("content")!;
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        foreach (Match code in Code.Matches(page).Where(m => !m.Groups[2].Value.Contains("application/json", StringComparison.Ordinal)))
        {
            Assert.Contains(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(code.Groups[3].Value))), policy, StringComparison.Ordinal);
        }

        string[] loading = ["src", "srcset", "data", "poster", "style", "action", "formaction", "background"];
        Assert.DoesNotContain(document.Descendants().Attributes(), a => loading.Contains(a.Name.LocalName) || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotContain(document.Descendants(), e => e.Name.LocalName is "link" or "iframe" or "img" or "object" or "embed");
        Assert.All(document.Descendants().Attributes("href"), h => Assert.StartsWith("#", h.Value, StringComparison.Ordinal));

        // A browser reads the same as XML: an element of HTML with content is never closed in its own tag.
        Assert.DoesNotContain(SelfClosed.Matches(page).Select(m => m.Groups[1].Value), tag => !Empty.Contains(tag));

        // One heading of the first level, none left out; landmarks; tables with headings; figures with captions.
        int[] levels = [.. document.Descendants().Where(e => Heading.IsMatch(e.Name.LocalName)).Select(e => e.Name.LocalName[1] - '0')];
        Assert.Equal(1, levels[0]);
        Assert.Single(levels, 1);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
        Assert.Single(document.Descendants("main"));
        Assert.All(document.Descendants("table"), t => Assert.NotNull(t.Element("caption")));
        Assert.All(document.Descendants("th"), h => Assert.Contains((string?)h.Attribute("scope"), new[] { "row", "col" }));
        Assert.All(document.Descendants("figure"), f => Assert.NotNull(f.Element("figcaption")));
        string[] ids = [.. document.Descendants().Attributes("id").Select(a => a.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(document.Descendants().Attributes("aria-labelledby"), l => Assert.Contains(l.Value, ids));
        Assert.All(document.Descendants("input"), i => Assert.Equal("label", i.Parent!.Name.LocalName));
    }

    [GeneratedRegex("<(script|style)([^>]*)>(.*?)</\\1>", RegexOptions.Singleline)]
    private static partial Regex Code { get; }

    [GeneratedRegex("<([a-z0-9]+)(?: [^<>]*)?/>")]
    private static partial Regex SelfClosed { get; }

    [GeneratedRegex("^h[1-6]$")]
    private static partial Regex Heading { get; }
}
