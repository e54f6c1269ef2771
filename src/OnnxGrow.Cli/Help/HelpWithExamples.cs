using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;

namespace OnnxGrow.Cli.Help;

/// <summary>The library's help, and behind it the examples of the command.</summary>
internal sealed partial class HelpWithExamples(HelpAction help, IReadOnlyList<string> ofRoot) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    /// <summary>Lets the help of a command and of all below it end with examples.</summary>
    public static void AddTo(RootCommand root, IReadOnlyList<string> ofRoot)
    {
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is HelpAction help)
            {
                option.Action = new HelpWithExamples(help, ofRoot);
            }
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        foreach (Command below in command.Subcommands)
        {
            // A list of commands has a line each; all of it stands in their own help.
            below.Description = Briefly().Match(below.Description ?? "").Value.ReplaceLineEndings(" ");
        }

        int exit = help.Invoke(parseResult);
        IReadOnlyList<string> examples = command is ExampledCommand own ? own.Examples : command is RootCommand ? ofRoot : [];
        if (examples.Count > 0)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine("  " + example);
            }

            output.WriteLine();
        }

        return exit;
    }

    /// <summary>A sentence, or what of it stands before a colon.</summary>
    [GeneratedRegex(@"^.*?(?=[.:;]?\s*$|[.:;]\s)", RegexOptions.Singleline)]
    private static partial Regex Briefly();
}
