using System.Runtime.InteropServices;
using System.Text.Json;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Runs;

/// <summary>
/// What a run is of, as the file OUTPUT.run.json beside its log says it: enough to repeat the run and to compare it with others.
/// Files are named without their folders.
/// </summary>
public sealed record RunRecord
{
    /// <summary>Version of this format.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What the name of the file ends with, behind the output's.</summary>
    public const string Suffix = ".run.json";

    /// <summary>Version of the format that the file was written in.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The tool with its version.</summary>
    public string Tool { get; init; } = "OnnxGrow " + Grower.Version;

    /// <summary>The model that is trained.</summary>
    public required TrackedFile Model { get; init; }

    /// <summary>The recipe.</summary>
    public required TrackedFile Recipe { get; init; }

    /// <summary>The recipe as it is written.</summary>
    public required string RecipeText { get; init; }

    /// <summary>The optimizer state that the run begins with; null where it begins with none.</summary>
    public TrackedFile? State { get; init; }

    /// <summary>Where the trained model goes.</summary>
    public required string Output { get; init; }

    /// <summary>Elements of the weights that are trained.</summary>
    public required long TrainedParameters { get; init; }

    /// <summary>Elements of the weights that are not.</summary>
    public required long FrozenParameters { get; init; }

    /// <summary>The engine's name.</summary>
    public required string Engine { get; init; }

    /// <summary>What the engine runs on, with the version.</summary>
    public required string Runtime { get; init; }

    /// <summary>The execution provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Threads within an operator.</summary>
    public required int Threads { get; init; }

    /// <summary>Floating-point operations of a batch, forward (see docs/training.md for what is counted).</summary>
    public required long FlopsForward { get; init; }

    /// <summary>The same, backward.</summary>
    public required long FlopsBackward { get; init; }

    /// <summary>Batches of a step.</summary>
    public required int BatchesPerStep { get; init; }

    /// <summary>Samples of a batch.</summary>
    public required long SamplesPerBatch { get; init; }

    /// <summary>Entries that count in the first batch: tokens, or images.</summary>
    public required long EntriesPerBatch { get; init; }

    /// <summary>What entries are: "tokens", "images" or "entries".</summary>
    public required string EntryKind { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required long Steps { get; init; }

    /// <summary>When the run began; null where the file was written when it was carried on.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When the run was carried on, and from which step.</summary>
    public IReadOnlyList<Resumption> Resumed { get; init; } = [];

    /// <summary>The machine that it last ran on.</summary>
    public MachineFacts Machine { get; init; } = MachineFacts.Here;

    /// <summary>Floating-point operations of a step.</summary>
    public double FlopsPerStep() => ((double)FlopsForward + FlopsBackward) * BatchesPerStep;

    /// <summary>Reads a record.</summary>
    /// <exception cref="BadInputException">It is none, or of a newer version.</exception>
    public static RunRecord Read(string path)
    {
        try
        {
            RunRecord record = JsonSerializer.Deserialize(File.ReadAllText(path), RunRecordJson.Default.RunRecord)
                ?? throw new BadInputException(ErrorCode.Run, $"'{Text.Name(path)}' is empty; it should say what a run is of");
            return record.Version <= CurrentVersion
                ? record
                : throw new BadInputException(ErrorCode.Run, FormattableString.Invariant(
                    $"'{Text.Name(path)}' is of version {record.Version}, and this version of OnnxGrow knows {CurrentVersion}; take a newer one"));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.Run, $"'{Text.Name(path)}' does not say what a run is of: {Text.Name(e.Message)}; remove it to do without", e);
        }
    }

    /// <summary>Writes the record of a run that begins or is carried on: whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="resumedAt">The step that it is carried on from; null for a new run.</param>
    /// <exception cref="BadInputException">It cannot be written.</exception>
    public void Write(string path, long? resumedAt)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        RunRecord record = this with { Started = now };
        if (resumedAt is { } step)
        {
            RunRecord? before = Earlier(path);
            record = this with { Started = before?.Started, Resumed = [.. before?.Resumed ?? [], new Resumption(step, now)] };
        }

        WholeFile.WriteText(path, JsonSerializer.Serialize(record, RunRecordJson.Default.RunRecord) + "\n");
    }

    private static RunRecord? Earlier(string path)
    {
        try
        {
            return File.Exists(path) ? Read(path) : null;
        }
        catch (BadInputException)
        {
            // What cannot be read must not keep a run from going on.
            return null;
        }
    }
}

/// <summary>A file that a run reads.</summary>
/// <param name="Name">Its name, without its folder.</param>
/// <param name="Sha256">Its SHA-256, in hexadecimal.</param>
public sealed record TrackedFile(string Name, string Sha256)
{
    /// <summary>A file as it is now.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static TrackedFile Of(string path) => new(Path.GetFileName(path), ContentHash.Sha256OfFile(path));
}

/// <summary>That a run was carried on.</summary>
/// <param name="Step">From which step.</param>
/// <param name="At">When.</param>
public sealed record Resumption(long Step, DateTimeOffset At);

/// <summary>A machine in a few words.</summary>
/// <param name="Cores">Its logical processors.</param>
/// <param name="System">Its operating system.</param>
/// <param name="Architecture">Its kind of processor.</param>
/// <param name="Framework">The version of .NET.</param>
public sealed record MachineFacts(int Cores, string System, string Architecture, string Framework)
{
    /// <summary>This machine.</summary>
    public static MachineFacts Here { get; } = new(
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        RuntimeInformation.FrameworkDescription);
}
