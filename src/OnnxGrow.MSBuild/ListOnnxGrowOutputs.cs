using Microsoft.Build.Framework;
using Task = Microsoft.Build.Utilities.Task;

namespace OnnxGrow.MSBuild;

/// <summary>Lists what was grown, by this build or an earlier one, for the targets that follow.</summary>
public sealed class ListOnnxGrowOutputs : Task
{
    /// <summary>Jobs of <see cref="PrepareOnnxGrowModels"/>.</summary>
    public ITaskItem[] Jobs { get; set; } = [];

    /// <summary>The grown models that are there, with <c>SourceModel</c>, <c>DataFiles</c>, <c>Verdict</c>, <c>Report</c>, <c>State</c> and <c>Json</c>.</summary>
    [Output]
    public ITaskItem[] Grown { get; set; } = [];

    /// <summary>Models and their data files that go beside the program, with <c>Link</c> and how they are copied.</summary>
    [Output]
    public ITaskItem[] FilesToCopy { get; set; } = [];

    /// <summary>Every file that the step has written.</summary>
    [Output]
    public ITaskItem[] FilesWritten { get; set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        List<ITaskItem> grown = [], copied = [], written = [];
        foreach (ITaskItem job in Jobs)
        {
            string output = job.GetMetadata("OutputFile");
            if (!File.Exists(output))
            {
                continue;
            }

            IReadOnlyList<string> data = ModelFile.Read(output).DataFiles;
            var item = Escaping.Item(output, ("SourceModel", job.ItemSpec), ("Verdict", GrowthRecord.Read(job.GetMetadata("Json")).Verdict),
                ("Report", job.GetMetadata("Report")), ("State", job.GetMetadata("State")), ("Json", job.GetMetadata("Json")));
            item.SetMetadata("DataFiles", Escaping.List(data));
            grown.Add(item);
            written.AddRange(Escaping.Files(job, "Writes").Concat(data).Append(job.GetMetadata("Stamp")).Where(File.Exists).Select(file => Escaping.Item(file)));
            if (job.GetMetadata("Copy") is not "Never" and var copy)
            {
                string link = job.GetMetadata("Link");
                copied.Add(ToCopy(output, link, copy));
                // The model names its data files as they are called, relative to itself.
                copied.AddRange(data.Select(file => ToCopy(file, Path.Combine(Path.GetDirectoryName(link) ?? "", Path.GetRelativePath(Path.GetDirectoryName(output)!, file)), copy)));
            }
        }

        Grown = [.. grown];
        FilesToCopy = [.. copied];
        FilesWritten = [.. written];
        return true;
    }

    private static Microsoft.Build.Utilities.TaskItem ToCopy(string file, string link, string copy) =>
        Escaping.Item(file, ("Link", link), ("CopyToOutputDirectory", copy), ("CopyToPublishDirectory", copy), ("Pack", "false"), ("Visible", "false"));
}
