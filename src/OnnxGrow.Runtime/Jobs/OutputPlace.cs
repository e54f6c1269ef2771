namespace OnnxGrow.Runtime.Jobs;

/// <summary>Whether an output may go where it is to go.</summary>
internal static class OutputPlace
{
    /// <summary>Checks that an output may be written, before any work is done.</summary>
    /// <param name="path">Where it is to go.</param>
    /// <param name="input">The file that it is made from.</param>
    /// <param name="whatInputIs">What that is, and why it stays, as the end of "that is ...".</param>
    /// <param name="replace">Whether another file there may be replaced.</param>
    /// <exception cref="BadInputException">It is the input, exists already, or has no folder.</exception>
    public static void Check(string path, string input, string whatInputIs, bool replace)
    {
        string full = Path.GetFullPath(path);
        if (SameFile(full, Path.GetFullPath(input)))
        {
            throw new BadInputException($"-o {Text.Name(path)}: that is {whatInputIs}; give another name");
        }

        if (Directory.Exists(full))
        {
            throw new BadInputException($"-o {Text.Name(path)}: that is a folder; give a file name in it");
        }

        if (File.Exists(full) && !replace)
        {
            throw new BadInputException($"-o {Text.Name(path)}: exists already; give another name, or --force to replace it");
        }

        string folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder))
        {
            throw new BadInputException($"-o {Text.Name(path)}: the folder '{Text.Name(folder)}' does not exist; make it first");
        }
    }

    private static bool SameFile(string a, string b) =>
        string.Equals(Real(a), Real(b), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    private static string Real(string path)
    {
        try
        {
            return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
