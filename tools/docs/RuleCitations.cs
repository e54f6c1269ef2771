using System.Text.RegularExpressions;

namespace OnnxGrow.Docs;

/// <summary>Where rules are told, and where they are named.</summary>
internal static partial class RuleCitations
{
    private static readonly string[] NotSources = ["bin", "obj", "node_modules", "OnnxRuntime"];

    /// <summary>The anchor of each rule's heading in growth-math.md, by number.</summary>
    public static IReadOnlyDictionary<string, string> Anchors(string text) =>
        Heading().Matches(text).ToDictionary(m => m.Groups[2].Value, m => Markdown.Anchor(m.Groups[1].Value), StringComparer.Ordinal);

    /// <summary>The source files that name each rule: in comments and messages ("rule 3.5"), and as a recipe's rule ("3.5").</summary>
    public static ILookup<string, string> InSources(string root) =>
        Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'))
            .Where(f => !f.Split('/').Any(NotSources.Contains) && !f.EndsWith("/RuleTable.cs", StringComparison.Ordinal))
            .SelectMany(f => In(File.ReadAllText(Path.Combine(root, f))).Select(number => (Number: number, File: f)))
            .ToLookup(c => c.Number, c => c.File, StringComparer.Ordinal);

    /// <summary>The rules that a text names.</summary>
    public static IEnumerable<string> In(string text) =>
        Named().Matches(text).SelectMany(m => m.Groups[1].Captures.Concat(m.Groups[2].Captures)).Select(c => c.Value)
            .Concat(OfRecipe().Matches(text).Select(m => m.Groups[1].Value));

    [GeneratedRegex(@"^## ((\d+\.\d+|L\.\d+) .*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\brules? (\d+\.\d+|L\.\d+)(?:(?:, (?:and )?| and | or | to )(\d+\.\d+|L\.\d+))*")]
    private static partial Regex Named();

    [GeneratedRegex("\"(\\d\\d?\\.\\d\\d?|L\\.\\d)\"")]
    private static partial Regex OfRecipe();
}
