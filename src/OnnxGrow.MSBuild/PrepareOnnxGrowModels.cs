using Microsoft.Build.Framework;
using Task = Microsoft.Build.Utilities.Task;

namespace OnnxGrow.MSBuild;

/// <summary>
/// Reads the items of a project: what each asks of the command, and which files it reads and writes. What an item asks for
/// is kept in a file of its own, which is written when it changes and at no other time, so that MSBuild can tell by the times
/// of files alone what is up to date.
/// </summary>
public sealed class PrepareOnnxGrowModels : Task
{
    /// <summary>The items <c>OnnxGrowModel</c>.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>The folder that relative paths are relative to.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>Where grown models go unless an item says so itself.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>Where the step keeps what it knows.</summary>
    [Required]
    public string RecordFolder { get; set; } = "";

    /// <summary>The command: <c>onnxgrow.dll</c>, or a program.</summary>
    [Required]
    public string ToolPath { get; set; } = "";

    /// <summary>How grown models are copied unless an item says so itself; empty for not at all.</summary>
    public string DefaultCopyToOutputDirectory { get; set; } = "";

    /// <summary>true: nothing is going to be made, and nothing is written.</summary>
    public bool KeepRecords { get; set; }

    /// <summary>The jobs, for the tasks that follow.</summary>
    [Output]
    public ITaskItem[] Jobs { get; set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        if (!File.Exists(ToolPath))
        {
            Log.LogError(null, "OG0104", null, null, null, 0, 0, 0, 0, $"OnnxGrow's command is not at '{ToolPath}'; OnnxGrowToolPath must be the path of onnxgrow.dll, or of a program");
            return false;
        }

        string tool = Tool.Identity(ToolPath);
        var jobs = new List<(ModelJob Job, ITaskItem Source, string Copy)>();
        foreach (ITaskItem item in Models)
        {
            try
            {
                var job = ModelJob.Of(item, ProjectDirectory, OutputFolder, RecordFolder);
                jobs.Add((job, item, job.Copy(DefaultCopyToOutputDirectory)));
            }
            catch (ItemException e)
            {
                Report(item, e);
            }
        }

        foreach ((ITaskItem item, ItemException problem) in Clashes.Among([.. jobs.Select(j => (j.Job, j.Source))]))
        {
            Report(item, problem);
        }

        if (Log.HasLoggedErrors)
        {
            return false;
        }

        foreach ((ModelJob job, _, _) in KeepRecords ? [] : jobs)
        {
            WriteIfChanged(job.Stamp, job.StampText(tool));
        }

        Jobs = [.. jobs.Select(j => j.Job.ToItem(j.Copy))];
        return true;
    }

    // At the file that has the item: that is what must change.
    private void Report(ITaskItem item, ItemException e) =>
        Log.LogError(null, e.Code, null, null, item.GetMetadata("DefiningProjectFullPath"), 0, 0, 0, 0, "{0}", e.Message);

    private static void WriteIfChanged(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }
}
