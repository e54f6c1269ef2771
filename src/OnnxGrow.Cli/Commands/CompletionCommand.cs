using System.CommandLine;
using OnnxGrow.Cli.Help;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow completion</c>: a script that lets a shell complete the command.</summary>
internal static class CompletionCommand
{
    /// <summary>The shells that there is a script for.</summary>
    internal static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    public static Command Build()
    {
        var shell = new Argument<string>("SHELL") { Description = "One of: " + string.Join(", ", Shells) + ".", HelpName = string.Join('|', Shells) };
        shell.CompletionSources.Add(Shells);
        var command = new ExampledCommand(
            "completion",
            """
            Print a script that lets a shell complete commands, options and their values; where a file is meant, the shell completes
            files as ever.
            """,
            "onnxgrow completion bash",
            "onnxgrow completion zsh",
            "onnxgrow completion pwsh")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(Script(parsed.GetRequiredValue(shell)));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static string Script(string shell)
    {
        if (!Shells.Contains(shell))
        {
            throw new BadInputException($"completion: no script for '{OnnxGrow.Text.Name(shell)}'; there are {OnnxGrow.Text.List(Shells)}");
        }

        using Stream script = typeof(CompletionCommand).Assembly.GetManifestResourceStream("completion." + shell)!;
        using var reader = new StreamReader(script);
        return reader.ReadToEnd();
    }
}
