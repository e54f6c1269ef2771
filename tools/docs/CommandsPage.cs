using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using OnnxGrow.Cli.Help;

namespace OnnxGrow.Docs;

/// <summary>The commands with their arguments, options and examples, from the command tree.</summary>
internal static class CommandsPage
{
    /// <summary>The page.</summary>
    public static string Text()
    {
        RootCommand root = Cli.Program.Build();
        var page = new StringBuilder("# Commands\n\n" + Markdown.Written);
        page.Append("What `onnxgrow COMMAND --help` says, for every command. [guide.md](../guide.md) tells how they go together;\n[compatibility.md](../compatibility.md) has the exit codes.\n\n");
        page.Append(Summary("")).Append('\n');
        foreach (Command command in root.Subcommands)
        {
            Section(page, command);
        }

        return page.ToString();
    }

    /// <summary>A table of all commands, each with the first sentence of its help.</summary>
    public static string Summary(string link = "docs/reference/commands.md")
    {
        var table = new StringBuilder("| command | what it does |\n|---|---|\n");
        foreach (Command command in Cli.Program.Build().Subcommands)
        {
            table.Append(CultureInfo.InvariantCulture, $"| [`{command.Name}`]({link}#{Markdown.Anchor(command.Name)}) | {Markdown.Cell(FirstSentence(command.Description ?? ""))} |\n");
        }

        return table.ToString();
    }

    /// <summary>The command line in short: its arguments and the options that it cannot do without.</summary>
    public static string Usage(Command command) => string.Join(' ',
    [
        "onnxgrow",
        command.Name,
        .. command.Arguments.Select(a => (a.HelpName ?? a.Name) + (a.Arity.MaximumNumberOfValues > 1 ? "..." : "")),
        .. Shown(command).Where(o => o.Required).Select(o => $"{o.Name} {Value(o)}"),
        "[options]",
    ]);

    private static void Section(StringBuilder page, Command command)
    {
        page.Append(CultureInfo.InvariantCulture, $"## {command.Name}\n\n```text\n{Usage(command)}\n```\n\n");
        Description(page, command.Description ?? "");
        if (command.Arguments.Count > 0)
        {
            page.Append("| argument | |\n|---|---|\n");
            foreach (Argument argument in command.Arguments)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {Markdown.Code(argument.Name)} | {Markdown.Cell(argument.Description ?? "")} |\n");
            }

            page.Append('\n');
        }

        Option[] options = [.. Shown(command)];
        if (options.Length > 0)
        {
            page.Append("| option | default | |\n|---|---|---|\n");
            foreach (Option option in options)
            {
                string names = string.Join(", ", option.Aliases.Append(option.Name).Distinct().OrderBy(n => n.Length).Select(n => Markdown.Code(Value(option).Length == 0 ? n : n + " " + Value(option))));
                page.Append(CultureInfo.InvariantCulture, $"| {names} | {Default(option)} | {Markdown.Cell((option.Description ?? "").Trim().Replace("\n", "; ", StringComparison.Ordinal).Replace(":;", ":", StringComparison.Ordinal))} |\n");
            }

            page.Append('\n');
        }

        if (command is ExampledCommand { Examples: { Count: > 0 } examples })
        {
            page.Append(CultureInfo.InvariantCulture, $"```sh\n{string.Join('\n', examples)}\n```\n\n");
        }
    }

    /// <summary>Paragraphs as they are; indented lines as code.</summary>
    private static void Description(StringBuilder page, string text)
    {
        bool code = false;
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            bool indented = line.StartsWith("  ", StringComparison.Ordinal);
            if (indented != code)
            {
                page.Append(indented ? "\n```yaml\n" : "```\n");
                code = indented;
            }

            page.Append(indented ? line[2..] : line.Replace("<", "&lt;", StringComparison.Ordinal)).Append('\n');
        }

        page.Append(code ? "```\n\n" : "\n");
    }

    private static IEnumerable<Option> Shown(Command command) => command.Options.Where(o => !o.Hidden && o is not HelpOption);

    private static string Value(Option option) =>
        option.HelpName ?? (option.ValueType == typeof(bool) ? "" : "VALUE");

    private static string Default(Option option) =>
        option.Required ? "required"
        : option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } value ? Markdown.Code(string.Create(CultureInfo.InvariantCulture, $"{value}"))
        : "";

    private static string FirstSentence(string text)
    {
        string line = string.Join(' ', text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim()));
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? line : line[..(end + 1)];
    }
}
