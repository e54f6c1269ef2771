using System.ComponentModel;
using System.Globalization;
using Microsoft.Build.Framework;
using Task = Microsoft.Build.Utilities.Task;

namespace OnnxGrow.MSBuild;

/// <summary>
/// Grows one model by the command, and says what the command says as messages of the build: <c>small.onnx : error OG3001: ...</c>.
/// What failed is not left behind, neither is what an earlier build has made of it.
/// </summary>
public sealed class GrowOnnxModel : Task, ICancelableTask
{
    private readonly ToolProcess _process = new();

    /// <summary>A job of <see cref="PrepareOnnxGrowModels"/>.</summary>
    [Required]
    public ITaskItem Job { get; set; } = null!;

    /// <summary>The command: <c>onnxgrow.dll</c>, or a program.</summary>
    [Required]
    public string ToolPath { get; set; } = "";

    /// <summary>The program <c>dotnet</c>; empty for the one on the PATH.</summary>
    public string DotNetHost { get; set; } = "";

    /// <inheritdoc/>
    public void Cancel() => _process.Stop();

    /// <inheritdoc/>
    public override bool Execute()
    {
        string output = Job.GetMetadata("OutputFile");
        string[] writes = Escaping.Files(Job, "Writes");
        Array.ForEach(writes, file => Directory.CreateDirectory(Path.GetDirectoryName(file)!));
        string[] arguments = [.. Job.GetMetadata("Arguments").Split('\n'), "--force"];
        var said = new Said(this);
        Log.LogMessage(MessageImportance.Normal, "{0} {1}", ToolPath, string.Join(' ', arguments.Select(a => a.Contains(' ', StringComparison.Ordinal) ? "\"" + a + "\"" : a)));

        int? exit;
        try
        {
            string dotnet = DotNetHost.Length > 0 ? DotNetHost : "dotnet";
            exit = _process.Run(ToolPath, dotnet, Job.GetMetadata("WorkingFolder"), arguments, said.Output, said.Error);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            LogError("OG0107", $"the command '{ToolPath}' could not be started: {e.Message}");
            return false;
        }

        if (_process.Stopped || exit is not { } exitCode)
        {
            Log.LogMessage(MessageImportance.High, "{0}: growing was stopped", Job.ItemSpec);
            return false;
        }

        GrowthRecord record = GrowthRecord.Read(Job.GetMetadata("Json"));
        if (exitCode != 0)
        {
            said.Reason(exitCode, record);
            Discard(output, writes);
            return false;
        }

        if (record.Condition(Job.GetMetadata("AsksForLess") == "true") is { } condition)
        {
            LogWarning(condition.Code, condition.Text);
        }

        Log.LogMessage(MessageImportance.High, "{0} -> {1} ({2})", Job.ItemSpec, output, record.Verdict);
        return !Log.HasLoggedErrors;
    }

    private void LogError(string code, string text) => Log.LogError(null, code, null, null, Job.ItemSpec, 0, 0, 0, 0, "{0}", text);

    private void LogWarning(string code, string text) => Log.LogWarning(null, code, null, null, Job.ItemSpec, 0, 0, 0, 0, "{0}", text);

    // A model of an earlier build would be newer than what it is made from, and the next build would take it for done.
    private void Discard(string output, string[] writes)
    {
        string name = Path.GetFileName(output);
        string[] reads = Escaping.Files(Job, "Inputs");
        string[] data = [.. ModelFile.Read(output).DataFiles.Where(file => !reads.Contains(file) && IsDataOf(file, output))];
        foreach (string file in (string[])[.. writes, .. data, Job.GetMetadata("Stamp")])
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogWarning("OG0154", $"'{file}' could not be removed after {name} failed: {e.Message}");
            }
        }
    }

    private static bool IsDataOf(string file, string output) => Path.GetDirectoryName(file) == Path.GetDirectoryName(output)
        && (Path.GetFileName(file).StartsWith(Path.GetFileName(output) + ".data", StringComparison.Ordinal)
            || (file.EndsWith(".safetensors", StringComparison.Ordinal) && Path.GetFileName(file).StartsWith(Path.GetFileNameWithoutExtension(output), StringComparison.Ordinal)));

    /// <summary>What the command says, line by line.</summary>
    private sealed class Said(GrowOnnxModel task)
    {
        private readonly Lock _lock = new();
        private bool _error;
        private string _last = "";
        private string? _uncoded;

        public void Output(string line)
        {
            lock (_lock)
            {
                _last = line.Trim();
                task.Log.LogMessage(MessageImportance.Low, "{0}", line);
            }
        }

        public void Error(string line)
        {
            lock (_lock)
            {
                // A line without a code is an error when the exit code says so; which, is known only then.
                if (CommandSays.Read(line) is not { } says)
                {
                    task.Log.LogMessage(MessageImportance.Normal, "{0}", line);
                    _last = line.Trim();
                }
                else if (says.IsWarning)
                {
                    task.LogWarning(says.Code ?? "OG0150", says.Text);
                }
                else if (says.Code is { } code)
                {
                    _error = true;
                    task.LogError(code, says.Text);
                }
                else
                {
                    task.Log.LogMessage(MessageImportance.Normal, "{0}", line);
                    _last = says.Text;
                    _uncoded ??= says.Text;
                }
            }
        }

        /// <summary>Logs why the command failed, unless it has said so in a line with a code.</summary>
        public void Reason(int exitCode, GrowthRecord record)
        {
            if (_error)
            {
                return;
            }

            bool known = exitCode is (>= 1 and <= 5) or 70;
            string text = _uncoded ?? (record.Summary.Length > 0 && exitCode != 1 ? record.Summary : _last);
            if (exitCode == 1 && record.Verdict.StartsWith("not ", StringComparison.Ordinal) && record.Summary.Length > 0)
            {
                text = record.Summary;
            }

            task.LogError(CommandSays.Family(exitCode), known && text.Length > 0
                ? text
                : string.Create(CultureInfo.InvariantCulture, $"the command ended with exit code {exitCode}{(exitCode > 128 ? ", which says that it was ended from outside; a system that runs out of memory does so (the metadata Memory and Proof make it take less)" : "")}{(text.Length > 0 ? ": " + text : "")}"));
        }
    }
}
