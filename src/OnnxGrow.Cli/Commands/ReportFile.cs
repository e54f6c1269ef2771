using OnnxGrow.Onnx;

namespace OnnxGrow.Cli.Commands;

/// <summary>Pages and other reports that a command writes.</summary>
internal static class ReportFile
{
    /// <summary>Checks the place of a report before any work is done.</summary>
    /// <param name="option">How the command line names it.</param>
    /// <param name="path">The report; null where none is asked for.</param>
    /// <param name="force">Whether one that is there is replaced.</param>
    /// <param name="others">Files that the command also reads or writes.</param>
    /// <exception cref="BadInputException">It cannot go there.</exception>
    public static void Check(string option, string? path, bool force, params string?[] others) =>
        Check("a page", "report.html", option, path, force, others);

    /// <summary>The same for a report that is no page.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="example">A name for one.</param>
    /// <param name="option">How the command line names it.</param>
    /// <param name="path">The report; null where none is asked for.</param>
    /// <param name="force">Whether one that is there is replaced.</param>
    /// <param name="others">Files that the command also reads or writes.</param>
    /// <exception cref="BadInputException">It cannot go there.</exception>
    public static void Check(string what, string example, string option, string? path, bool force, string?[] others)
    {
        if (path is null)
        {
            return;
        }

        SideFile.Check(option, path, others);
        if (path == "-")
        {
            throw new BadInputException(ErrorCode.Output, $"{option} -: {what} goes to a file; give a name such as {example}");
        }

        if (Directory.Exists(path))
        {
            throw new BadInputException(ErrorCode.Output, $"{option} {OnnxGrow.Text.Name(path)}: that is a folder; give the name of a file in it, such as {OnnxGrow.Text.Name(Path.Combine(path, example))}");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
        {
            throw new BadInputException(ErrorCode.Output, $"{option} {OnnxGrow.Text.Name(path)}: the folder '{OnnxGrow.Text.Name(folder)}' is not there; make it first");
        }

        if (!force && File.Exists(path))
        {
            throw new BadInputException(ErrorCode.Output, $"{option} {OnnxGrow.Text.Name(path)}: it is there already; replace it with --force, or give another name");
        }
    }

    /// <summary>Writes the page.</summary>
    public static void Write(string path, string page) => WholeFile.WriteText(path, page);
}
