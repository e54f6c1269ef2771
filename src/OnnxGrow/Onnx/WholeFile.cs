using System.Text;

namespace OnnxGrow.Onnx;

/// <summary>Small files that appear whole or not at all, as models do.</summary>
public static class WholeFile
{
    /// <summary>Writes a text, in place of what was there.</summary>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static void WriteText(string path, string text)
    {
        try
        {
            if (Path.Exists(path) && FileFacts.IsRegular(RealPath.Resolve(path)) == false)
            {
                // A pipe or a device (/dev/stdout) is written to, not replaced.
                File.WriteAllText(path, text);
                return;
            }

            byte[] bytes = Encoding.UTF8.GetBytes(text);
            using var stage = new OutputStage(path);
            using (OutputFile file = stage.Create(Path.GetFileName(Path.GetFullPath(path)), bytes.Length))
            {
                file.Write(0, bytes);
                file.Finish();
            }

            stage.Publish();
        }
        catch (Exception e) when (OutputError.Of(path, e) is { } error)
        {
            throw error;
        }
    }
}
