namespace OnnxGrow.Onnx;

/// <summary>Paths without symbolic links.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>
    /// Follows the symbolic links of every part of a path, not of the last part only: a link to a folder leads outside
    /// just as well. Parts that do not exist stay as they are.
    /// </summary>
    public static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        string current = Path.GetPathRoot(full)!;
        var pending = new Stack<string>();
        Push(pending, full[current.Length..]);
        int links = 0;
        while (pending.TryPop(out string? part))
        {
            if (part == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }

            string next = Path.Combine(current, part);
            string? target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                current = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new BadInputException(ErrorCode.Output, $"{Text.Name(path)}: its symbolic links go round in circles");
            }

            string root = Path.GetPathRoot(target) ?? string.Empty;
            current = root.Length > 0 ? Path.GetFullPath(root) : current;
            Push(pending, target[root.Length..]);
        }

        return current;
    }

    /// <summary>Whether a path without links is below a folder without links.</summary>
    public static bool IsBelow(string path, string folder)
    {
        string prefix = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        StringComparison comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return path.StartsWith(prefix, comparison);
    }

    private static void Push(Stack<string> pending, string relative)
    {
        string[] parts = relative.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar]);
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] is not ("" or "."))
            {
                pending.Push(parts[i]);
            }
        }
    }
}
