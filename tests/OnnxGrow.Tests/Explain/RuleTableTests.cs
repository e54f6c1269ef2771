using System.Text.RegularExpressions;
using OnnxGrow.Explain;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Explain;

public partial class RuleTableTests
{
    [Fact]
    public void Has_every_rule_of_the_document()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "growth-math.md"));
        Match[] headings = [.. Heading().Matches(text).Cast<Match>()];
        Assert.NotEmpty(headings);
        foreach (Match heading in headings)
        {
            Rule rule = RuleTable.Of(heading.Groups[1].Value);
            Assert.True(rule.Name.Length > 0, $"rule {rule.Number} ('{heading.Groups[2].Value}') is not in the table");
        }
    }

    [Fact]
    public void Refers_to_the_document_for_what_it_lacks() => Assert.Contains("growth-math.md", RuleTable.Of("99.9").Formula, StringComparison.Ordinal);

    [GeneratedRegex(@"^## ([0-9L]+\.[0-9]+) ([^(\n]*)", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
