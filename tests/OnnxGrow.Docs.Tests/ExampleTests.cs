using System.CommandLine;
using OnnxGrow.Cli.Help;
using Xunit;

namespace OnnxGrow.Docs.Tests;

/// <summary>The examples in the help of the commands.</summary>
public class ExampleTests
{
    [Fact]
    public void Every_command_has_examples_that_it_accepts()
    {
        Assert.All(Cli.Program.Build().Subcommands, command =>
        {
            ExampledCommand exampled = Assert.IsType<ExampledCommand>(command);
            Assert.InRange(exampled.Examples.Count, 2, 5);
            foreach (string example in exampled.Examples)
            {
                Assert.StartsWith($"onnxgrow {command.Name} ", example, StringComparison.Ordinal);
                CommandTree.Accepts(example, "help of " + command.Name);
            }
        });
    }

    [Fact]
    public void Help_ends_with_them()
    {
        RootCommand root = Cli.Program.Build();
        Assert.All(root.Subcommands.Cast<ExampledCommand>(), command =>
        {
            string help = Help(root, command.Name, "--help");
            Assert.EndsWith(string.Concat(command.Examples.Select(e => "  " + e + "\n")), help.TrimEnd('\n') + "\n", StringComparison.Ordinal);
            Assert.Contains("\nExamples:\n", help, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Help_of_all_ends_with_examples_that_are_accepted()
    {
        string[] lines = Help(Cli.Program.Build(), "--help").Split('\n');
        string[] examples = [.. lines.SkipWhile(l => l != "Examples:").Skip(1).Select(l => l.Trim()).Where(l => l.Length > 0)];
        Assert.InRange(examples.Length, 2, 3);
        Assert.All(examples, e => CommandTree.Accepts(e, "help"));
    }

    [Fact]
    public void An_example_with_an_option_or_a_value_that_is_not_there_is_noticed()
    {
        Assert.ThrowsAny<Exception>(() => CommandTree.Accepts("onnxgrow grow a.onnx --width 96 -o b.onnx", "here"));
        Assert.ThrowsAny<Exception>(() => CommandTree.Accepts("onnxgrow grow a.onnx --hidden wide -o b.onnx", "here"));
        Assert.ThrowsAny<Exception>(() => CommandTree.Accepts("onnxgrow grow a.onnx --method magic -o b.onnx", "here"));
        Assert.ThrowsAny<Exception>(() => CommandTree.Accepts("onnxgrow shrink a.onnx", "here"));
    }

    private static string Help(RootCommand root, params string[] words)
    {
        using var output = new StringWriter();
        Assert.Equal(0, root.Parse(words).Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }));
        return output.ToString().ReplaceLineEndings("\n");
    }
}
