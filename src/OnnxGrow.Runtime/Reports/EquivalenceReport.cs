using System.Text.Json;
using System.Text.Json.Serialization;
using OnnxGrow.Certificate;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Runtime.Reports;

/// <summary>What was compared, how far apart it is, and the verdict.</summary>
public sealed record EquivalenceReport
{
    /// <summary>The form and version that this one writes: docs/schemas/verify-1.json.</summary>
    public const string CurrentSchema = "onnxgrow.verify/1";

    /// <summary>Form and version.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>File of the source, where it has one.</summary>
    public string? Source { get; init; }

    /// <summary>File of the grown model, where it has one.</summary>
    public string? Grown { get; init; }

    /// <summary>The verdict over all levels.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The verdict in one sentence, with its reason.</summary>
    public required string Summary { get; init; }

    /// <summary>Where inputs or outputs of the two models differ; empty where they do not.</summary>
    public IReadOnlyList<string> InterfaceDifferences { get; init; } = [];

    /// <summary>The static proof over the weights; null where it was not asked for.</summary>
    public CertificateSummary? Certificate { get; init; }

    /// <summary>Both graphs in float64; null where it was not asked for.</summary>
    public LevelReport? Witness { get; init; }

    /// <summary>Both models as they are; null where it was not asked for.</summary>
    public LevelReport? AsShipped { get; init; }

    /// <summary>Where inside the graphs the two part; null where it was not asked for.</summary>
    public LayerReport? Layers { get; init; }

    /// <summary>What the inputs were taken for and how much of the tables they used.</summary>
    public IReadOnlyList<InputMeaning> Inputs { get; init; } = [];

    /// <summary>What was decided about inputs.</summary>
    public IReadOnlyList<string> InputNotes { get; init; } = [];

    /// <summary>The seed of the inputs.</summary>
    public ulong Seed { get; init; }

    /// <summary>Version of ONNX Runtime.</summary>
    public string? Runtime { get; init; }

    /// <summary>What a command ends with.</summary>
    [JsonIgnore]
    public ExitCode ExitCode => Verdict.ToExitCode();

    /// <summary>The report as JSON, the same bytes for the same report.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.EquivalenceReport);

    /// <summary>A report from its JSON.</summary>
    /// <exception cref="BadInputException">It is no such report.</exception>
    public static EquivalenceReport FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ReportJson.Default.EquivalenceReport)
                ?? throw new BadInputException(ErrorCode.Report, "the equivalence report is empty");
        }
        catch (JsonException e)
        {
            throw new BadInputException(ErrorCode.Report, $"not an equivalence report: {e.Message}", e);
        }
    }
}

/// <summary>What the static proof over the weights found; the caller fills it.</summary>
/// <param name="Ran">Whether it ran.</param>
/// <param name="Passed">Whether every grown weight satisfies its identity.</param>
/// <param name="Text">What it says, in a sentence.</param>
/// <param name="WorstResidual">The largest residual, relative to the rounding bound where there is one.</param>
public sealed record CertificateSummary(bool Ran, bool Passed, string Text, double? WorstResidual = null)
{
    /// <summary>What does not hold, tensor by tensor (the first twenty); empty where all does, or it did not run.</summary>
    public IReadOnlyList<CertificateFault> Faults { get; init; } = [];

    /// <summary>Its verdict.</summary>
    [JsonIgnore]
    public Verdict Verdict => !Ran ? Verdict.NotVerified : Passed ? Verdict.Equivalent : Verdict.NotEquivalent;
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    NewLine = "\n")]
[JsonSerializable(typeof(EquivalenceReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
