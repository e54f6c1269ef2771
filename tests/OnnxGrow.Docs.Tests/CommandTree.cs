using System.CommandLine;
using System.CommandLine.Parsing;
using Xunit;

namespace OnnxGrow.Docs.Tests;

/// <summary>Command lines of the documentation against the commands that there are.</summary>
internal static class CommandTree
{
    /// <summary>Asserts that a line calls a command as it can be called.</summary>
    public static void Accepts(string line, string where)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(line)];
        Assert.Equal("onnxgrow", words[0]);
        ParseResult parsed = Cli.Program.Build().Parse(words[1..]);
        Assert.True(parsed.Errors.Count == 0, $"{where}: '{line}': {string.Join("; ", parsed.Errors.Select(e => e.Message))}");
        foreach (OptionResult option in parsed.CommandResult.Children.OfType<OptionResult>().Where(o => !o.Implicit && o.Option.CompletionSources.Count > 0))
        {
            string[] values = [.. option.Option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(c => c.Label)];
            Assert.All(option.Tokens, token => Assert.True(
                values.Length == 0 || values.Any(v => v == token.Value || (v.EndsWith('=') && token.Value.StartsWith(v, StringComparison.Ordinal))),
                $"{where}: '{line}': {option.Option.Name} has no value '{token.Value}'"));
        }
    }
}
