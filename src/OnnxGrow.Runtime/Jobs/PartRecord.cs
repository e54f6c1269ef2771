using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>What one process says of the data files that it has written, beside them.</summary>
internal sealed record PartRecord
{
    /// <summary>Version of this form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Which part it is, from 1.</summary>
    public required int Part { get; init; }

    /// <summary>How many there are.</summary>
    public required int Parts { get; init; }

    /// <summary>The plan that was followed, with the source's hash in it, as JSON.</summary>
    public required string Plan { get; init; }

    /// <summary>Bytes of a data file at most.</summary>
    public required long ShardBytes { get; init; }

    /// <summary>Whether they are in the form of safetensors.</summary>
    public required bool Safetensors { get; init; }

    /// <summary>The files of this part.</summary>
    public required IReadOnlyList<PartFile> Files { get; init; }

    /// <summary>The record as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PartJson.Default.PartRecord);

    /// <summary>A record from its file.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static PartRecord Read(string path)
    {
        const long MaxBytes = 64L << 20;
        try
        {
            return new FileInfo(path).Length <= MaxBytes && JsonSerializer.Deserialize(File.ReadAllText(path), PartJson.Default.PartRecord) is { Schema: 1 } record
                ? record
                : throw new BadInputException(ErrorCode.Part, $"{Text.Name(path)}: is not the record of a part; remove it and compute the part again");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.Part, $"{Text.Name(path)}: cannot be read as the record of a part ({Text.Name(e.Message)}); remove it and compute the part again", e);
        }
    }
}

/// <summary>A data file of a part.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its bytes, as they were read back from the disk.</param>
internal sealed record PartFile(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NewLine = "\n")]
[JsonSerializable(typeof(PartRecord))]
internal sealed partial class PartJson : JsonSerializerContext;
