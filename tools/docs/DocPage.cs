namespace OnnxGrow.Docs;

/// <summary>A page, or a part of one, that follows from the code.</summary>
/// <param name="File">Its path from the root of the repository.</param>
/// <param name="Text">The text of the whole file, given the text that it has now.</param>
internal sealed record DocPage(string File, Func<string, string> Text)
{
    /// <summary>All pages. A new one is a line here.</summary>
    public static IReadOnlyList<DocPage> All { get; } =
    [
        new("docs/reference/commands.md", _ => CommandsPage.Text()),
        new("docs/reference/operators.md", _ => OperatorsPage.Text()),
        new("docs/reference/methods.md", _ => MethodsPage.Text()),
        new("docs/reference/rules.md", _ => RulesPage.Text()),
        new("docs/reference/errors.md", _ => ErrorsPage.Text()),
        new("README.md", text => MarkedPart.Replace(text, "commands", CommandsPage.Summary())),
    ];

    /// <summary>Whether the file holds what it should.</summary>
    public bool IsCurrent(string root) => Now(root) is { } now && now == Text(now);

    /// <summary>Writes it.</summary>
    public void Write(string root)
    {
        string path = Path.Combine(root, File);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, Text(Now(root) ?? ""));
    }

    private string? Now(string root)
    {
        string path = Path.Combine(root, File);
        return System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path).ReplaceLineEndings("\n") : null;
    }
}
