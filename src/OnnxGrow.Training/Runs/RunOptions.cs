using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Runs;

/// <summary>What a run is of, and where it goes.</summary>
public sealed record RunOptions
{
    /// <summary>The model to train.</summary>
    public required string Model { get; init; }

    /// <summary>The recipe.</summary>
    public required string Recipe { get; init; }

    /// <summary>Where the trained model goes; log and checkpoints lie beside it.</summary>
    public required string Output { get; init; }

    /// <summary>The execution provider: cpu or cuda.</summary>
    public string Provider { get; init; } = "cpu";

    /// <summary>What runs the steps.</summary>
    public string Engine { get; init; } = "onnxruntime";

    /// <summary>
    /// Optimizer state to begin with, such as 'grow --state' writes, or a checkpoint of another run; null to begin with none.
    /// </summary>
    public string? State { get; init; }

    /// <summary>Whether the run that is there is carried on.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether a run or a model that is there is replaced.</summary>
    public bool Force { get; init; }

    /// <summary>What models may ask of the machine; null for the default.</summary>
    public ReadLimits? Limits { get; init; }

    /// <summary>The log of the run.</summary>
    public string LogPath
    {
        get => field ?? Output + ".log.jsonl";
        init;
    }

    /// <summary>What the run is of.</summary>
    public string RecordPath
    {
        get => field ?? Output + RunRecord.Suffix;
        init;
    }

    /// <summary>The folder of its checkpoints.</summary>
    public string CheckpointPath => Output + ".checkpoints";
}

/// <summary>Is told what happens in a run.</summary>
public interface IRunObserver
{
    /// <summary>The run begins, or is carried on.</summary>
    /// <param name="summary">What is trained.</param>
    /// <param name="from">Steps that were taken before.</param>
    /// <param name="steps">Steps of the whole run.</param>
    void Begin(RunSummary summary, long from, long steps);

    /// <summary>A step was taken, or an evaluation made.</summary>
    void Logged(LogEntry entry);
}

/// <summary>What a run trains.</summary>
/// <param name="Trained">Weights that are trained.</param>
/// <param name="Elements">Their elements.</param>
/// <param name="Frozen">Weights that are not, with the reasons.</param>
/// <param name="TrainingSamples">Samples of an epoch.</param>
/// <param name="ValidationSamples">Samples for validation.</param>
public sealed record RunSummary(
    int Trained, long Elements, IReadOnlyList<Preparation.FrozenTensor> Frozen, long TrainingSamples, long ValidationSamples);

/// <summary>What came of a run.</summary>
/// <param name="Steps">Steps that were taken.</param>
/// <param name="First">The validation before training; null where there was none.</param>
/// <param name="Last">The last validation.</param>
/// <param name="Output">The trained model.</param>
public sealed record RunResult(long Steps, LogEntry? First, LogEntry? Last, string Output);
