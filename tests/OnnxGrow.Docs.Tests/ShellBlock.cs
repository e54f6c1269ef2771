using System.Text.RegularExpressions;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Docs.Tests;

/// <summary>A fenced block of shell commands in a page.</summary>
/// <param name="File">The page, from the root of the repository.</param>
/// <param name="Line">The line of its first command.</param>
/// <param name="Text">Its commands.</param>
/// <param name="NotRun">Why it is not run, from the comment before it; null where it is.</param>
public sealed partial record ShellBlock(string File, int Line, string Text, string? NotRun)
{
    private const string FromSource = "dotnet run -c Release --project src/OnnxGrow.Cli --";

    /// <summary>The pages for users, and those for contributors at the root.</summary>
    public static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal);

    /// <summary>The blocks of a page, with the command as it is called once installed.</summary>
    public static IReadOnlyList<ShellBlock> Of(string page)
    {
        string text = System.IO.File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n");
        return
        [
            .. Fence().Matches(text).Select(m => new ShellBlock(
                page,
                text.AsSpan(0, m.Groups["text"].Index).Count('\n') + 1,
                m.Groups["text"].Value.Replace(FromSource, "onnxgrow", StringComparison.Ordinal),
                m.Groups["reason"] is { Success: true } reason ? reason.Value : null)),
        ];
    }

    /// <summary>The lines that a page shows of what its commands print: those of its blocks "```text", but for dots.</summary>
    public static IEnumerable<string> Shown(string page) =>
        Output().Matches(System.IO.File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n"))
            .SelectMany(m => m.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(line => line != "..." && !line.StartsWith("onnxgrow: ", StringComparison.Ordinal));

    /// <summary>The calls of onnxgrow in it, without what the shell does with them.</summary>
    public IEnumerable<string> Calls => Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        .Select(line => ShellSyntax().Split(line)[0].Trim())
        .Where(line => line.StartsWith("onnxgrow ", StringComparison.Ordinal));

    [GeneratedRegex(@"(?:<!-- not run: (?<reason>[^>]+?) -->\n+)?^```sh\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^```text\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Output();

    [GeneratedRegex(@"\s[|>#&]|;")]
    private static partial Regex ShellSyntax();
}
