using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>Finds the file that a grown model was initialised from, where it was or beside the models.</summary>
internal static class Initialisations
{
    /// <summary>The file with the content that the plan names; null where it is not at hand.</summary>
    public static InitFile? Find(InitFile init, params string[] models)
    {
        string name = Path.GetFileName(init.Path);
        IEnumerable<string> beside = models.Select(m => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(m))!, name));
        string? path = beside.Prepend(init.Path)
            .FirstOrDefault(p => File.Exists(p) && (init.Sha256 is null || ContentHash.Sha256OfFile(p) == init.Sha256));
        return path is null ? null : init with { Path = path };
    }
}
