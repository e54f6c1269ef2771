using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Data;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Precision;

namespace OnnxGrow.Training.Runs;

/// <summary>Where a run is, beside the tensors: everything that carrying it on to the bit needs.</summary>
public sealed record RunState
{
    /// <summary>Steps that were taken.</summary>
    public required long Step { get; init; }

    /// <summary>Where the data are.</summary>
    public required DataPosition Data { get; init; }

    /// <summary>Seconds that the run has taken, of all its parts together.</summary>
    public required double Seconds { get; init; }

    /// <summary>Entries that have counted.</summary>
    public required long Entries { get; init; }

    /// <summary>The loss scale of a run in float16; null for others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LossScale? Scale { get; init; }

    /// <summary>SHA-256 of model and recipe, so that a run is not carried on with others.</summary>
    public required string Source { get; init; }
}

/// <summary>
/// The checkpoints of a run: `step-N.safetensors` with weights and optimizer state, and `step-N.json`, which is written last: without
/// it there is no checkpoint.
/// </summary>
public sealed class CheckpointFolder(string folder)
{
    private const string Prefix = "step-";

    /// <summary>The folder.</summary>
    public string Path => folder;

    /// <summary>Whether it holds a checkpoint.</summary>
    public bool Any => Steps().Count > 0;

    /// <summary>The steps of all checkpoints, the oldest first.</summary>
    public IReadOnlyList<long> Steps() => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, Prefix + "*.json")
            .Select(f => long.TryParse(System.IO.Path.GetFileNameWithoutExtension(f)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : -1)
            .Where(step => step >= 0 && File.Exists(FileOf(step, "safetensors"))).Order()];

    /// <summary>Writes a checkpoint and removes the oldest beyond what is kept.</summary>
    /// <param name="engine">Has the tensors.</param>
    /// <param name="state">Where the run is.</param>
    /// <param name="texts">What the header says besides.</param>
    /// <param name="keep">How many checkpoints stay.</param>
    /// <exception cref="BadInputException">It cannot be written.</exception>
    public void Write(ITrainingEngine engine, RunState state, IReadOnlyDictionary<string, string> texts, int keep)
    {
        Directory.CreateDirectory(folder);
        SafetensorsFile.Write(FileOf(state.Step, "safetensors"), engine.TensorNames.Select(name =>
        {
            RuntimeTensor tensor = engine.Read(name);
            return new NamedTensor(name, tensor.Dims, new MemoryTensorData(tensor.ElementType, tensor.Bytes));
        }), texts);
        WholeFile.WriteText(FileOf(state.Step, "json"), JsonSerializer.Serialize(state, RunJson.Default.RunState) + "\n");
        Prune(keep);
    }

    /// <summary>Removes the oldest checkpoints.</summary>
    /// <param name="keep">How many stay.</param>
    public void Prune(int keep)
    {
        foreach (long old in Steps().SkipLast(keep))
        {
            File.Delete(FileOf(old, "json"));
            File.Delete(FileOf(old, "safetensors"));
        }
    }

    /// <summary>Reads the newest checkpoint into an engine.</summary>
    /// <param name="engine">Takes the tensors.</param>
    /// <param name="source">What the run is of.</param>
    /// <returns>Where the run was.</returns>
    /// <exception cref="BadInputException">There is none, or it is of another run.</exception>
    public RunState Read(ITrainingEngine engine, string source)
    {
        Tidy();
        IReadOnlyList<long> steps = Steps();
        if (steps.Count == 0)
        {
            throw new BadInputException(ErrorCode.Run, $"there is no checkpoint in '{Text.Name(folder)}' to carry on from; leave --resume out");
        }

        string path = FileOf(steps[^1], "json");
        RunState state = Parse(path);
        if (state.Source != source)
        {
            throw new BadInputException(ErrorCode.Run, $"the checkpoint '{Text.Name(path)}' is of another model or recipe; carry it on with those, or begin anew with --force");
        }

        using SafetensorsFile file = SafetensorsFile.Open(FileOf(steps[^1], "safetensors"));
        foreach (string name in engine.TensorNames)
        {
            if (!file.Tensors.TryGetValue(name, out NamedTensor? tensor))
            {
                throw new BadInputException(ErrorCode.Run, $"the checkpoint '{Text.Name(FileOf(steps[^1], "safetensors"))}' has no tensor '{Text.Name(name)}'");
            }

            try
            {
                engine.Write(name, RuntimeTensor.Of(tensor.Data, tensor.Dims));
            }
            catch (ArgumentException e)
            {
                throw new BadInputException(ErrorCode.Run, $"the checkpoint's tensor '{Text.Name(name)}' does not fit the model: {e.Message}", e);
            }
        }

        return state;
    }

    /// <summary>Removes all checkpoints.</summary>
    public void Clear()
    {
        Tidy();
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder, Prefix + "*.*") : [])
        {
            File.Delete(file);
        }
    }

    /// <summary>Removes what a run that was killed has left half done: files in the making, and tensors without what makes them a checkpoint.</summary>
    private void Tidy()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string stage in Directory.GetDirectories(folder, "." + Prefix + "*"))
        {
            // .step-00000002.json.1a2b3c4d.onnxgrow is of step-00000002.json.
            string[] parts = System.IO.Path.GetFileName(stage).Split('.');
            if (parts.Length > 3)
            {
                OutputStage.Recover(System.IO.Path.Combine(folder, $"{parts[1]}.{parts[2]}"));
            }
        }

        foreach (string tensors in Directory.GetFiles(folder, Prefix + "*.safetensors").Where(f => !File.Exists(System.IO.Path.ChangeExtension(f, "json"))))
        {
            File.Delete(tensors);
        }
    }

    private static RunState Parse(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), RunJson.Default.RunState)
                ?? throw new BadInputException(ErrorCode.Run, $"the checkpoint '{Text.Name(path)}' is empty");
        }
        catch (JsonException e)
        {
            throw new BadInputException(ErrorCode.Run, $"the checkpoint '{Text.Name(path)}' cannot be read: {Text.Name(e.Message)}", e);
        }
    }

    private string FileOf(long step, string extension) =>
        System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}.{extension}"));
}
