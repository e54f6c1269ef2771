using Spectre.Console;

namespace OnnxGrow.Cli.Output;

/// <summary>Tables and lines for a person; plain text where the output is no terminal, or NO_COLOR or CI is set.</summary>
internal static class Terminal
{
    public static IAnsiConsole Out { get; } = Create();

    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (string column in columns)
        {
            bool number = column.StartsWith('>');
            var c = new TableColumn(new Spectre.Console.Text(number ? column[1..] : column)) { Alignment = number ? Justify.Right : Justify.Left };
            table.AddColumn(c);
        }

        return table;
    }

    public static void Row(this Table table, params string[] cells) => table.AddRow(cells.Select(c => new Spectre.Console.Text(c)));

    public static void Line(string text = "") => Out.WriteLine(text);

    private static IAnsiConsole Create()
    {
        bool plain = Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("CI") is { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (Console.IsOutputRedirected)
        {
            // A file or a pipe has no width: do not fold lines there.
            console.Profile.Width = 400;
        }

        return console;
    }
}
