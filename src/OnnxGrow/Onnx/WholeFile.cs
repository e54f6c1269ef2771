using System.Text;

namespace OnnxGrow.Onnx;

/// <summary>Files that appear whole or not at all, as models do.</summary>
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

            var plan = new OutputPlan();
            plan.Add(Encoding.UTF8.GetBytes(text));
            Write(path, plan, new SaveOptions());
        }
        catch (Exception e) when (OutputError.Of(path, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Writes a file whose content is known, in place of what was there.</summary>
    internal static void Write(string path, OutputPlan plan, SaveOptions options)
    {
        using var stage = new OutputStage(path);
        using (OutputFile file = stage.Create(Path.GetFileName(Path.GetFullPath(path)), plan.Length))
        {
            plan.WriteTo(file, options);
        }

        stage.Publish();
    }
}
