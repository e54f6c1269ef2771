using System.Globalization;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>
/// A growth in parts: processes that know nothing of each other, on any machines that see one folder, compute the data files
/// of one plan, and a last one checks them and writes the model. The files are those that a single process would write.
/// Until then all lies in the folder OUTPUT.parts.
/// </summary>
public static class PartsJob
{
    /// <summary>More parts than this are a mistake.</summary>
    public const int MaxParts = 100_000;

    /// <summary>Computes one part.</summary>
    /// <param name="grown">The growth.</param>
    /// <param name="output">Where the grown model is to go in the end.</param>
    /// <param name="part">Which part, from 1.</param>
    /// <param name="parts">How many there are.</param>
    /// <param name="save">How the model is stored; without a size of shards, as many are made as there are parts.</param>
    /// <returns>The files of this part, and how many of them had been written before.</returns>
    /// <exception cref="BadInputException">There are no weights to put beside the model, or a file cannot be written.</exception>
    public static (IReadOnlyList<string> Files, int Kept) Write(GrownModel grown, string output, int part, int parts, SaveOptions save)
    {
        save = WithShards(grown, output, parts, save);
        DataFilePlan[] all = LayOut(grown, output, save);
        DataFilePlan[] own = [.. all.Where((_, i) => i % parts == part - 1)];
        string folder = FolderOf(output);
        try
        {
            Directory.CreateDirectory(folder);
            string recordPath = RecordOf(folder, part, parts);
            PartRecord? before = File.Exists(recordPath) ? PartRecord.Read(recordPath) : null;
            string plan = PlanFile.ToJson(grown.Plan);
            bool same = before is not null && before.Plan == plan && before.ShardBytes == save.ShardBytes && before.Safetensors == save.Safetensors;
            var files = new List<PartFile>();
            int kept = 0;
            save.Progress?.Begin("writing", own.Sum(f => f.Plan.Length));
            foreach (DataFilePlan file in own)
            {
                PartFile? known = same ? before!.Files.FirstOrDefault(f => f.Name == file.Name && f.Bytes == file.Plan.Length) : null;
                string path = Path.Combine(folder, file.Name);
                if (known is not null && File.Exists(path) && ContentHash.Sha256OfFile(path, save.Cancellation) == known.Sha256)
                {
                    kept++;
                    files.Add(known);
                    continue;
                }

                Write(file.Plan, path, save);
                files.Add(new PartFile(file.Name, file.Plan.Length, ContentHash.Sha256OfFile(path, save.Cancellation)));
            }

            var record = new PartRecord { Part = part, Parts = parts, Plan = plan, ShardBytes = save.ShardBytes!.Value, Safetensors = save.Safetensors, Files = files };
            WholeFile.WriteText(recordPath, record.ToJson());
            return ([.. own.Select(f => f.Name)], kept);
        }
        catch (Exception e) when (OutputError.Of(output, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Checks that all parts are there, proves the model and puts it in its place.</summary>
    /// <param name="job">The source.</param>
    /// <param name="grown">The growth.</param>
    /// <param name="output">Where the grown model goes.</param>
    /// <param name="proof">How it is proved; null for not at all.</param>
    /// <param name="save">How the model is stored; sizes and format of the data files are the parts' own.</param>
    /// <param name="replace">Whether files that are where the model or its data files go may be replaced.</param>
    /// <exception cref="BadInputException">A part is missing, of another plan, or was changed; or a file of the output may not be written.</exception>
    public static GrowthResult Finish(GrowthJob job, GrownModel grown, string output, EquivalenceOptions? proof, SaveOptions save, bool replace = false)
    {
        string folder = FolderOf(output);
        PartRecord[] records = Records(folder, output, PlanFile.ToJson(grown.Plan));
        save = save with { ShardBytes = records[0].ShardBytes, Safetensors = records[0].Safetensors, ExternalThreshold = save.ExternalThreshold ?? SaveOptions.WorthMoving };

        // Which data files there will be follows from the parts alone.
        job.CheckOutput(output, replace);
        job.CheckOutput(grown, output, replace, save);
        bool provable = proof is not null && grown.Method.IsLossless;
        string verdict = GrowthJob.Describe(grown, provable);
        ModelLayout layout = grown.Model.LayOut(output, save);
        Check(folder, layout.Data, records, save);
        try
        {
            string model = Path.Combine(folder, Path.GetFileName(Path.GetFullPath(output)));
            Write(layout.Model, model, save);
            EquivalenceReport? report = provable ? job.Prove(grown, model, proof!) with { Grown = output } : null;
            if (report is { Verdict: not Comparison.Verdict.Equivalent })
            {
                File.Delete(model);
                return GrowthJob.Unproved(output, report);
            }

            save.Cancellation.ThrowIfCancellationRequested();
            using (var stage = new OutputStage(output))
            {
                foreach (string name in layout.DataNames.Append(Path.GetFileName(model)))
                {
                    File.Move(Path.Combine(folder, name), Path.Combine(Path.GetDirectoryName(stage.ModelPath)!, name));
                }

                stage.Publish(job.Model.OpenFiles);
            }

            Directory.Delete(folder, recursive: true);
            return new GrowthResult(output, true, verdict, report, ExitCode.Success);
        }
        catch (Exception e) when (OutputError.Of(output, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>The folder in which the parts of an output lie.</summary>
    public static string FolderOf(string output) => Path.GetFullPath(output) + ".parts";

    private static void Write(OutputPlan plan, string path, SaveOptions save)
    {
        string draft = path + ".tmp";
        File.Delete(draft);
        using (var file = new OutputFile(draft, plan.Length))
        {
            plan.WriteTo(file, save);
        }

        File.Move(draft, path, overwrite: true);
    }

    private static SaveOptions WithShards(GrownModel grown, string output, int parts, SaveOptions save)
    {
        save = save with { ExternalThreshold = save.ExternalThreshold ?? SaveOptions.WorthMoving };
        if (save.ShardBytes is not null)
        {
            return save;
        }

        long bytes = LayOut(grown, output, save).Sum(f => f.Plan.Length);
        return save with { ShardBytes = (bytes / parts) + 1 };
    }

    private static DataFilePlan[] LayOut(GrownModel grown, string output, SaveOptions save) =>
        grown.Model.LayOut(output, save).Data is { Length: > 0 } data
            ? data
            : throw new BadInputException(ErrorCode.Part, $"{Text.Name(output)}: has no weights worth a file beside it, so there are no parts to compute; grow it without --shard");

    private static string RecordOf(string folder, int part, int parts) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"part-{part:00000}-of-{parts:00000}.json"));

    private static PartRecord[] Records(string folder, string output, string plan)
    {
        PartRecord[] records = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "part-*-of-*.json").Order(StringComparer.Ordinal).Select(PartRecord.Read)] : [];
        if (records.Length == 0)
        {
            throw new BadInputException(ErrorCode.Part, $"--finish: {Text.Name(folder)} has no parts; compute them with --shard I/N and the same options first");
        }

        PartRecord first = records[0];
        if (records.Any(r => r.Parts != first.Parts || r.ShardBytes != first.ShardBytes || r.Safetensors != first.Safetensors || r.Plan != first.Plan))
        {
            throw new BadInputException(ErrorCode.Part, $"--finish: {Text.Name(folder)} has parts of different growths; remove the folder, or those that are not of this one, and compute them again");
        }

        if (first.Plan != plan)
        {
            throw new BadInputException(ErrorCode.Part, $"--finish: the parts in {Text.Name(folder)} were made by another plan or from another source; give the options or the plan file that they were made with");
        }

        int[] missing = [.. Enumerable.Range(1, first.Parts).Where(i => !records.Any(r => r.Part == i))];
        return missing.Length == 0 ? records : throw new BadInputException(ErrorCode.Part, string.Create(CultureInfo.InvariantCulture,
            $"{Text.Name(output)}: {missing.Length} of {first.Parts} parts are missing: {string.Join(", ", missing.Take(20))}{(missing.Length > 20 ? ", ..." : "")}; compute them with --shard {missing[0]}/{first.Parts}"));
    }

    private static void Check(string folder, DataFilePlan[] files, PartRecord[] records, SaveOptions save)
    {
        Dictionary<string, PartFile> known = records.SelectMany(r => r.Files).ToDictionary(f => f.Name, StringComparer.Ordinal);
        save.Progress?.Begin("checking the parts", files.Sum(f => f.Plan.Length));
        foreach (DataFilePlan file in files)
        {
            string path = Path.Combine(folder, file.Name);
            string? wrong = !known.TryGetValue(file.Name, out PartFile? said) || said.Bytes != file.Plan.Length ? "is not among the files of the parts"
                : !File.Exists(path) ? "is not there"
                : new FileInfo(path).Length != said.Bytes ? string.Create(CultureInfo.InvariantCulture, $"has {new FileInfo(path).Length} bytes, and should have {said.Bytes}")
                : ContentHash.Sha256OfFile(path, save.Cancellation) != said.Sha256 ? "has other bytes than when it was written"
                : null;
            if (wrong is not null)
            {
                int part = (Array.IndexOf(files, file) % records[0].Parts) + 1;
                throw new BadInputException(ErrorCode.Part, string.Create(CultureInfo.InvariantCulture, $"{Text.Name(path)}: {wrong}; compute it again with --shard {part}/{records[0].Parts}"));
            }

            save.Progress?.Add(file.Plan.Length);
        }
    }
}
