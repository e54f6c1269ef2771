using Microsoft.Build.Framework;

namespace OnnxGrow.MSBuild;

/// <summary>Files of several items that get into each other's way.</summary>
internal static class Clashes
{
    /// <summary>What is wrong, and with which item.</summary>
    public static IEnumerable<(ITaskItem Item, ItemException Problem)> Among(IReadOnlyList<(ModelJob Job, ITaskItem Source)> jobs)
    {
        // In any case of letters: the project may be built where case does not count.
        var writers = new Dictionary<string, ModelJob>(StringComparer.OrdinalIgnoreCase);
        var readers = new Dictionary<string, ModelJob>(StringComparer.OrdinalIgnoreCase);
        foreach ((ModelJob job, ITaskItem source) in jobs)
        {
            foreach (string file in job.Writes)
            {
                if (readers.TryGetValue(file, out ModelJob? reader) || job.Reads.Contains(file, StringComparer.OrdinalIgnoreCase))
                {
                    string by = reader is null || reader.Name == job.Name ? "it reads itself" : $"the item '{reader.Name}' before it reads; put '{job.Name}' first if that is meant";
                    yield return (source, new ItemException("OG0103", $"OnnxGrowModel '{job.Name}': it would write '{file}', which {by}, or give another file as OutputFile (or Report, Json, SavePlan, StateOutputFile)"));
                }
                else if (!writers.TryAdd(file, job))
                {
                    yield return (source, new ItemException("OG0103", $"OnnxGrowModel '{job.Name}': both it and '{writers[file].Name}' would write '{file}'; give each a file of its own, such as OutputFile=\"$(IntermediateOutputPath)onnxgrow/{Path.GetFileNameWithoutExtension(job.Name)}-2.onnx\""));
                }
                else if (File.Exists(file) && file == job.Output && !ModelFile.Read(file).IsGrown)
                {
                    yield return (source, new ItemException("OG0105", $"OnnxGrowModel '{job.Name}': its OutputFile '{file}' is there already and was not grown by OnnxGrow; it is not replaced. Give another OutputFile, or delete the file"));
                }
            }

            foreach (string file in job.Reads)
            {
                readers.TryAdd(file, job);
            }
        }
    }
}
