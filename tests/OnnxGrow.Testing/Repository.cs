namespace OnnxGrow.Testing;

/// <summary>Where the models lie.</summary>
public static class Repository
{
    /// <summary>The folder with OnnxGrow.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The project's own models.</summary>
    public static IEnumerable<string> Models => Directory.EnumerateFiles(Path.Combine(Root, "models"), "*.onnx").Order(StringComparer.Ordinal);

    /// <summary>A model of the project by its file name.</summary>
    public static string Model(string name) => Path.Combine(Root, "models", name);

    /// <summary>Models of other projects, beside the checkout; null where that folder is not there.</summary>
    public static string? SharedModels
    {
        get
        {
            string folder = Path.Combine(Root, "..", "shared", "models");
            return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OnnxGrow.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("OnnxGrow.sln was not found above " + AppContext.BaseDirectory);
    }
}
