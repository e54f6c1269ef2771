using System.Globalization;
using System.Text;
using OnnxGrow.Explain;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Docs;

/// <summary>The rules that plans, reports, errors and the code name, with links to where they are told.</summary>
internal static class RulesPage
{
    /// <summary>The page.</summary>
    public static string Text()
    {
        IReadOnlyDictionary<string, string> anchors = RuleCitations.Anchors(File.ReadAllText(Path.Combine(Repository.Root, "docs", "growth-math.md")));
        ILookup<string, string> cited = RuleCitations.InSources(Repository.Root);
        var page = new StringBuilder("# Rules\n\n" + Markdown.Written);
        page.Append("The rules that plans, reports, errors and the code name by number. D: source width, E: target width, k = floor(E/D) whole copies,\ns = kD/E; W~: the grown weight.\n\n");
        page.Append("| rule | | in a line | named in |\n|---|---|---|---|\n");
        foreach (Rule rule in RuleTable.All.OrderBy(r => r.Number, RuleOrder))
        {
            string where = string.Join(", ", cited[rule.Number].Distinct().Order(StringComparer.Ordinal).Select(f => $"[{Path.GetFileNameWithoutExtension(f)}](../../{f})"));
            page.Append(CultureInfo.InvariantCulture, $"| [{rule.Number}](../growth-math.md#{anchors[rule.Number]}) | {Markdown.Cell(rule.Name)} | {Markdown.Cell(rule.Formula)} | {where} |\n");
        }

        return page.ToString();
    }

    private static Comparer<string> RuleOrder { get; } = Comparer<string>.Create((a, b) => Key(a).CompareTo(Key(b)));

    private static (int, int) Key(string number)
    {
        string[] parts = number.Split('.');
        return (int.TryParse(parts[0], CultureInfo.InvariantCulture, out int chapter) ? chapter : int.MaxValue, int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
