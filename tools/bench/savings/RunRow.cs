using System.Text.Json.Serialization;

namespace OnnxGrow.Bench.Savings;

/// <summary>What came of a run, as a line of a results file.</summary>
internal sealed record RunRow
{
    public required RunKey Key { get; init; }

    /// <summary>Why there is no run; null where there is one.</summary>
    public string? Refused { get; init; }

    public long Parameters { get; init; }

    public double FlopsPerStep { get; init; }

    /// <summary>What making the start has cost.</summary>
    public double StartFlops { get; init; }

    public double StartSeconds { get; init; }

    /// <summary>Seconds of training, evaluations included.</summary>
    public double Seconds { get; init; }

    public long Steps { get; init; }

    /// <summary>Steps of the evaluations.</summary>
    public IReadOnlyList<long> At { get; init; } = [];

    public IReadOnlyList<double> ValidationLoss { get; init; } = [];

    public IReadOnlyList<double> Accuracy { get; init; } = [];

    /// <summary>Training losses of the first hundred steps.</summary>
    public IReadOnlyList<double> First { get; init; } = [];

    public required string Date { get; init; }

    public required string Machine { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunRow))]
internal sealed partial class RowJson : JsonSerializerContext;
