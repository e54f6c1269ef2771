namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>What a fuzzed input is read by.</summary>
public enum FuzzTarget
{
    /// <summary>A model in one file.</summary>
    Model,

    /// <summary>A model with data files beside it, and links, folders and files that are not its own.</summary>
    Data,

    /// <summary>A plan in YAML or JSON.</summary>
    Plan,

    /// <summary>A grown model whose metadata holds a plan and a source graph.</summary>
    Skeleton,
}

/// <summary>One input: a file, or for <see cref="FuzzTarget.Data"/> a ZIP file of a folder.</summary>
public sealed record FuzzInput(FuzzTarget Target, byte[] Bytes)
{
    /// <summary>The end of the name of a file that holds such an input; it tells the target.</summary>
    public static string ExtensionOf(FuzzTarget target) => target switch
    {
        FuzzTarget.Model => ".onnx",
        FuzzTarget.Data => ".zip",
        FuzzTarget.Plan => ".plan",
        _ => ".grown",
    };

    /// <summary>Reads an input that was kept.</summary>
    public static FuzzInput Load(string path)
    {
        string extension = Path.GetExtension(path);
        foreach (FuzzTarget target in Enum.GetValues<FuzzTarget>())
        {
            if (ExtensionOf(target) == extension)
            {
                return new FuzzInput(target, File.ReadAllBytes(path));
            }
        }

        throw new ArgumentException($"'{path}' ends in none of {string.Join(", ", Enum.GetValues<FuzzTarget>().Select(ExtensionOf))}", nameof(path));
    }
}
