using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>Finds the file that a grown model was initialised from, where it was or beside the models.</summary>
internal static class Initialisations
{
    /// <summary>The file with the content that the plan names; null where it is not at hand.</summary>
    /// <remarks>
    /// The plan stands in a model's metadata, which may be anybody's: a file elsewhere is only looked at if the plan names its
    /// content too, and never one on another machine.
    /// </remarks>
    public static InitFile? Find(InitFile init, params string[] models)
    {
        string name = Path.GetFileName(init.Path);
        IEnumerable<string> beside = models.Select(m => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(m))!, name));
        bool elsewhere = init.Sha256 is not null && init.Path is not (['/', '/', ..] or ['\\', ..]);
        string? path = beside.Concat(elsewhere ? [init.Path] : [])
            .FirstOrDefault(p => File.Exists(p) && (init.Sha256 is null || HasContent(p, init.Sha256)));
        return path is null ? null : init with { Path = path };
    }

    private static bool HasContent(string path, string hash)
    {
        try
        {
            return ContentHash.Sha256OfFile(path) == hash;
        }
        catch (BadInputException)
        {
            return false;
        }
    }
}
