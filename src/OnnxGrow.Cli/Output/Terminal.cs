using Spectre.Console;

namespace OnnxGrow.Cli.Output;

/// <summary>Tables and lines for a person; plain text where the output is no terminal, or NO_COLOR or CI is set.</summary>
internal static class Terminal
{
    private const int PipeWidth = 1000;

    public static IAnsiConsole Out { get; } = Create();

    /// <summary>A table; '>' before a column's name puts it to the right, '|' keeps its cells on one line.</summary>
    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (string column in columns)
        {
            bool number = column.StartsWith('>');
            bool whole = column.StartsWith('|');
            var c = new TableColumn(new Spectre.Console.Text(number || whole ? column[1..] : column)) { Alignment = number ? Justify.Right : Justify.Left, NoWrap = whole };
            table.AddColumn(c);
        }

        return table;
    }

    public static void Row(this Table table, params string[] cells) => table.AddRow(cells.Select(c => new Spectre.Console.Text(OnnxGrow.Text.Shown(c))));

    public static void Line(string text = "") => Out.WriteLine(OnnxGrow.Text.Shown(text));

    /// <summary>Writes a table; into a pipe or a file without the padding at the end of its lines.</summary>
    public static void Write(Table table)
    {
        if (!Console.IsOutputRedirected)
        {
            Out.Write(table);
            return;
        }

        using var text = new StringWriter();
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        plain.Profile.Width = PipeWidth;
        plain.Write(table);
        foreach (string line in text.ToString().TrimEnd().Split('\n'))
        {
            Console.Out.WriteLine(line.TrimEnd());
        }

        Console.Out.WriteLine();
    }

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
            console.Profile.Width = PipeWidth;
        }

        return console;
    }
}
