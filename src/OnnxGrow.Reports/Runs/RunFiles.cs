using OnnxGrow.Onnx;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Reports.Runs;

/// <summary>The files of a run, found by any of them.</summary>
/// <param name="Output">The trained model, there or not.</param>
internal sealed record RunFiles(string Output)
{
    private const string LogSuffix = ".log.jsonl";

    /// <summary>The log.</summary>
    public string Log => Output + LogSuffix;

    /// <summary>What the run is of.</summary>
    public string Record => Output + RunRecord.Suffix;

    /// <summary>Finds a run.</summary>
    /// <param name="run">Its output, or its log.</param>
    /// <exception cref="BadInputException">There is no log.</exception>
    public static RunFiles Of(string run)
    {
        string? suffix = new[] { LogSuffix, RunRecord.Suffix }.FirstOrDefault(s => run.EndsWith(s, StringComparison.Ordinal));
        var files = new RunFiles(suffix is null ? run : run[..^suffix.Length]);
        if (File.Exists(files.Log))
        {
            return files;
        }

        throw new BadInputException(
            ErrorCode.Run, Directory.Exists(run) ? $"'{Text.Name(run)}' is a folder; give the output of a run (OUT.onnx of 'onnxgrow train -o OUT.onnx') or its log"
            : suffix is null && File.Exists(run) ? $"'{Text.Name(run)}' is there, but its log '{Text.Name(files.Log)}' is not; a report is made of the log that 'onnxgrow train' writes beside its output"
            : $"there is no log '{Text.Name(files.Log)}'; give the output of a run (OUT.onnx of 'onnxgrow train -o OUT.onnx') or its log OUT.onnx{LogSuffix}");
    }

    /// <summary>Reads some runs; names that are alike get their folders.</summary>
    /// <exception cref="BadInputException">A file is none of a run.</exception>
    public static IReadOnlyList<RunData> Read(IReadOnlyList<string> runs, CancellationToken cancellation)
    {
        RunFiles[] files = [.. runs.Select(Of).DistinctBy(f => Path.GetFullPath(f.Output))];
        string[] names = Names([.. files.Select(f => f.Output)]);
        return [.. files.Select((f, i) => f.Read(names[i], cancellation))];
    }

    internal static string[] Names(IReadOnlyList<string> outputs)
    {
        string[] names = [.. outputs.Select(Short)];
        HashSet<string> twice = [.. names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            string name = twice.Contains(names[i])
                ? $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(outputs[i])))}/{names[i]}"
                : names[i];
            string unique = name;
            for (int n = 2; !taken.Add(unique); n++)
            {
                unique = FormattableString.Invariant($"{name} ({n})");
            }

            names[i] = unique;
        }

        return names;
    }

    private RunData Read(string name, CancellationToken cancellation)
    {
        RunRecord? record = File.Exists(Record) ? RunRecord.Read(Record) : null;
        bool trained = File.Exists(Output);
        return new RunData
        {
            Name = name,
            Record = record,
            IsTrained = trained,
            ModelPath = trained ? Output : Untrained(record),
            Curves = RunCurves.Read(Log, cancellation),
        };
    }

    /// <summary>The model that the run began with, where it lies beside the output and is still the same.</summary>
    private string? Untrained(RunRecord? record)
    {
        // The record may be anybody's: a name with a folder in it is not looked for.
        if (record is null || Path.GetFileName(record.Model.Name) != record.Model.Name || record.Model.Name.Length == 0)
        {
            return null;
        }

        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Output))!, record.Model.Name);
        return File.Exists(path) && ContentHash.Sha256OfFile(path) == record.Model.Sha256 ? path : null;
    }

    private static string Short(string output)
    {
        string name = Path.GetFileName(output);
        return name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) && name.Length > 5 ? name[..^5] : name;
    }
}
