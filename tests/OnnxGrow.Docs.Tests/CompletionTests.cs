using System.CommandLine;
using OnnxGrow.Cli.Commands;
using Xunit;

namespace OnnxGrow.Docs.Tests;

/// <summary>Completion in the shell.</summary>
public class CompletionTests
{
    /// <summary>Prints what bash would offer for each line, one line of output a line.</summary>
    private const string AskBash = """
        source <(onnxgrow completion bash)
        complete -p onnxgrow
        touch small.onnx
        ask() {
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<< "$1"
            [[ $1 == *' ' ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _onnxgrow onnxgrow "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            echo "[$1] ${COMPREPLY[*]}"
        }
        ask 'onnxgrow gr'
        ask 'onnxgrow grow small.onnx --hid'
        ask 'onnxgrow grow small.onnx --method l'
        ask 'onnxgrow verify a.onnx b.onnx --provider '
        ask 'onnxgrow completion f'
        ask 'onnxgrow grow '
        ask 'onnxgrow grow sm'
        ask 'onnxgrow grow small.onnx --plan '
        """;

    [NeedsProgram("bash")]
    public void Bash_completes_commands_options_and_values_and_leaves_files_to_itself()
    {
        using var installed = new Installed();
        (int exit, string output) = installed.Run("bash", AskBash);
        Assert.True(exit == 0, output);
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(
            [
                "complete -o bashdefault -o default -F _onnxgrow onnxgrow",
                "[onnxgrow gr] grow",
                "[onnxgrow grow small.onnx --hid] --hidden",
                "[onnxgrow grow small.onnx --method l] lemon lemon-aki ligo llama-pro",
                "[onnxgrow verify a.onnx b.onnx --provider ] cpu cuda",
                "[onnxgrow completion f] fish",
                "[onnxgrow grow ] ",
                "[onnxgrow grow sm] ",
                "[onnxgrow grow small.onnx --plan ] ",
            ],
            lines);
    }

    [NeedsProgram("zsh")]
    public void Zsh_reads_the_script() => Reads("zsh");

    [NeedsProgram("fish")]
    public void Fish_reads_the_script()
    {
        using var installed = new Installed();
        (int exit, string output) = installed.Run("fish", "onnxgrow completion fish | source\ncomplete -C 'onnxgrow grow x --method l'\n");
        Assert.True(exit == 0, output);
        Assert.Contains("lemon\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_a_script_for_every_shell()
    {
        Assert.All(CompletionCommand.Shells, shell =>
        {
            using var output = new StringWriter();
            Assert.Equal(0, Cli.Program.Build().Parse(["completion", shell]).Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }));
            Assert.StartsWith("# ", output.ToString().Replace("#compdef onnxgrow\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains("[suggest:", output.ToString(), StringComparison.Ordinal);
        });
        Assert.Throws<BadInputException>(() => Cli.Program.Build().Parse(["completion", "tcsh"]).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
    }

    private static void Reads(string shell)
    {
        using var installed = new Installed();
        (int exit, string output) = installed.Run(shell, $"autoload -U compinit && compinit -D -u\nsource <(onnxgrow completion {shell})\necho ${{_comps[onnxgrow]}}\n");
        Assert.True(exit == 0, output);
        Assert.Contains("_onnxgrow", output, StringComparison.Ordinal);
    }
}
