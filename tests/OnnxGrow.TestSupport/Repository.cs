using System.Text.RegularExpressions;

namespace OnnxGrow.TestSupport;

/// <summary>Where the models lie.</summary>
public static partial class Repository
{
    /// <summary>The folder with OnnxGrow.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The first three architectures (width 48, 3 heads, an FFN of 192, 3 layers), which every growth is tried on by itself.</summary>
    public static IEnumerable<string> Models => AllModels.Where(m => First.IsMatch(Path.GetFileName(m)));

    /// <summary>All models of the project, those of other graph styles included; not the trained ones, whose graphs are among them.</summary>
    public static IEnumerable<string> AllModels =>
        Directory.EnumerateFiles(Path.Combine(Root, "models"), "*.onnx", SearchOption.AllDirectories)
            .Where(m => Path.GetFileName(Path.GetDirectoryName(m)) != "base").Order(StringComparer.Ordinal);

    [GeneratedRegex("^(bert-mini|bert-mini-folded|gpt2-mini|vit-mini|vit-mini-qkv)-op1[27]\\.onnx$")]
    private static partial Regex First { get; }

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
