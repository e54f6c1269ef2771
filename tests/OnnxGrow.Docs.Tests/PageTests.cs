using System.Text.RegularExpressions;
using OnnxGrow.Growth.Methods;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Docs.Tests;

/// <summary>Pages that follow from the code, and what pages say of it.</summary>
public partial class PageTests
{
    [Fact]
    public void Written_pages_are_current() =>
        Assert.All(DocPage.All, page => Assert.True(page.IsCurrent(Repository.Root), $"{page.File}: not current; 'dotnet run -c Release --project tools/docs' writes it"));

    [Fact]
    public void A_page_that_is_changed_by_hand_is_noticed()
    {
        using var folder = new TemporaryFolder();
        DocPage page = DocPage.All.Single(p => p.File == "docs/reference/methods.md");
        Assert.False(page.IsCurrent(folder.Path));
        page.Write(folder.Path);
        Assert.True(page.IsCurrent(folder.Path));
        File.AppendAllText(folder.File(page.File), "more\n");
        Assert.False(page.IsCurrent(folder.Path));
    }

    [Fact]
    public void The_table_of_methods_has_every_method_and_no_other()
    {
        string text = Read("docs/methods.md");
        string[] rows = [.. MethodRow().Matches(text).Select(m => m.Groups[1].Value)];
        Assert.Equal(GrowthMethod.All.Keys.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
        Assert.All(MethodRow().Matches(text), row => Assert.Equal(GrowthMethod.Find(row.Groups[1].Value).IsLossless ? "yes" : "**no**", row.Groups[2].Value));
    }

    [Fact]
    public void Every_rule_that_is_named_is_told()
    {
        IReadOnlyDictionary<string, string> told = RuleCitations.Anchors(Read("docs/growth-math.md"));
        ILookup<string, string> inCode = RuleCitations.InSources(Repository.Root);
        Assert.True(inCode.Count > 20, $"{inCode.Count} rules are named in the code");
        Assert.All(inCode, rule => Assert.True(told.ContainsKey(rule.Key), $"rule {rule.Key}, named in {rule.First()}, is not in docs/growth-math.md"));
        Assert.All(
            ShellBlock.Pages.SelectMany(page => RuleCitations.In(Read(page)).Select(rule => (page, rule))),
            c => Assert.True(told.ContainsKey(c.rule), $"rule {c.rule}, named in {c.page}, is not in docs/growth-math.md"));
    }

    [Theory]
    [InlineData("by rule 3.5 and so on", "3.5")]
    [InlineData("(rules 2.1, 2.5 and L.1)", "2.1", "2.5", "L.1")]
    [InlineData("Rules = [\"4.4\"]", "4.4")]
    [InlineData("version 3.5 of it")]
    public void Rules_are_found_where_they_are_named(string text, params string[] rules) => Assert.Equal(rules, RuleCitations.In(text));

    [Fact]
    public void Links_lead_somewhere() =>
        Assert.All(
            ShellBlock.Pages.SelectMany(page => Link().Matches(Read(page)).Select(m => (Page: page, To: m.Groups[1].Value))).Where(l => !l.To.Contains("://", StringComparison.Ordinal)),
            link =>
            {
                string[] parts = link.To.Split('#', 2);
                string file = parts[0].Length == 0 ? link.Page : Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(link.Page)!, parts[0])));
                Assert.True(Path.Exists(Path.Combine(Repository.Root, file)), $"{link.Page}: {link.To}: there is no such file");
                if (parts.Length == 2)
                {
                    string[] anchors = [.. Heading().Matches(Read(file)).Select(m => Markdown.Anchor(m.Groups[1].Value))];
                    Assert.True(anchors.Contains(parts[1]), $"{link.Page}: {link.To}: there is no such heading; there are {string.Join(", ", anchors)}");
                }
            });

    /// <summary>What CONTRIBUTING.md and others show of the sources, "```csharp" behind "From [FILE](FILE):".</summary>
    [Fact]
    public void Sources_are_quoted_as_they_are()
    {
        (string Page, string File, string Text)[] quotes =
        [
            .. ShellBlock.Pages.SelectMany(page => Quote().Matches(Read(page)).Select(m => (page, Path.Combine(Path.GetDirectoryName(page)!, m.Groups[1].Value), m.Groups[2].Value))),
        ];
        Assert.True(quotes.Length >= 8, $"{quotes.Length} quotes");
        Assert.All(quotes, quote => Assert.True(Read(quote.File).Contains(quote.Text.Trim('\n'), StringComparison.Ordinal), $"{quote.Page}: what it shows of {quote.File} is not there"));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| (yes|\*\*no\*\*) \|", RegexOptions.Multiline)]
    private static partial Regex MethodRow();

    [GeneratedRegex(@"(?<!`)\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^From \[[^\]]+\]\(([^)]+)\):\n\n```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Quote();
}
