namespace OnnxGrow.Training.Data;

/// <summary>Finds the files that a recipe names.</summary>
internal static class DataPaths
{
    /// <summary>The paths of all, those of one pattern in the order of their names.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<string> names, string baseFolder)
    {
        var paths = new List<string>();
        foreach (string name in names)
        {
            string path = Path.Combine(baseFolder, name);
            string last = Path.GetFileName(path);
            if (last.Contains('*', StringComparison.Ordinal) || last.Contains('?', StringComparison.Ordinal))
            {
                string folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
                string[] found = Directory.Exists(folder) ? [.. Directory.GetFileSystemEntries(folder, last).Order(StringComparer.Ordinal)] : [];
                paths.AddRange(found.Length > 0 ? found : throw new BadInputException(ErrorCode.Data, $"no file is named like '{Text.Name(path)}'"));
            }
            else
            {
                paths.Add(File.Exists(path) || Directory.Exists(path) ? path : throw new BadInputException(ErrorCode.Data, $"the data file '{Text.Name(path)}' does not exist"));
            }
        }

        return paths;
    }
}
