namespace OnnxGrow.Cli.Commands;

/// <summary>Reports and plans must not be written over the models they are about.</summary>
internal static class SideFile
{
    /// <summary>Checks the path of a report or plan against those of the other files.</summary>
    /// <exception cref="BadInputException">It is one of them.</exception>
    public static void Check(string option, string? path, params string?[] others)
    {
        if (path is null or "-")
        {
            return;
        }

        // By name only, and in any case: these are files that the same command line names.
        string full = Path.GetFullPath(path);
        if (others.FirstOrDefault(other => other is not null && string.Equals(Path.GetFullPath(other), full, StringComparison.OrdinalIgnoreCase)) is { } same)
        {
            throw new BadInputException(ErrorCode.Output, $"{option} {OnnxGrow.Text.Name(path)}: that is {OnnxGrow.Text.Name(same)}, which the command also reads or writes; give another name");
        }
    }
}
