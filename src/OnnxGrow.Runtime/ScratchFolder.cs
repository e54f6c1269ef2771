using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>Folders for models that ONNX Runtime reads from a file. Those of processes that were ended are removed here.</summary>
internal static class ScratchFolder
{
    private const string Prefix = "onnxgrow-";
    private const string Suffix = ".scratch";

    public static LockedFolder Create()
    {
        string parent = Path.GetTempPath();
        foreach (string path in LockedFolder.Find(parent, Prefix, Suffix))
        {
            LockedFolder.TryTake(path)?.Delete();
        }

        return LockedFolder.Create(parent, Prefix, Suffix);
    }
}
