using System.Text.RegularExpressions;

namespace OnnxGrow.MSBuild;

/// <summary>A line in which the command says that something is wrong.</summary>
/// <param name="IsWarning">Whether it goes on all the same.</param>
/// <param name="Code">The code; null where the line has none.</param>
/// <param name="Text">What is wrong.</param>
internal sealed partial record CommandSays(bool IsWarning, string? Code, string Text)
{
    /// <summary>Reads a line of the command's standard error; null for any other line.</summary>
    public static CommandSays? Read(string line)
    {
        Match match = Line().Match(line);
        return match.Success
            ? new CommandSays(match.Groups["kind"].Value == "warning", match.Groups["code"] is { Success: true } code ? code.Value : null, match.Groups["text"].Value)
            : null;
    }

    /// <summary>The code of the family that an exit code stands for.</summary>
    public static string Family(int exitCode) => exitCode switch
    {
        >= 1 and <= 5 => $"OG{exitCode}000",
        70 => "OG7001",
        _ => "OG0107",
    };

    [GeneratedRegex("^onnxgrow: (?:(?<kind>error|warning)(?: (?<code>OG[0-9]{4}))?: )?(?<text>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
