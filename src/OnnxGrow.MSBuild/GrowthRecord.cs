using System.Text.Json;

namespace OnnxGrow.MSBuild;

/// <summary>What the command has said of a growth in its JSON.</summary>
/// <param name="Verdict">The verdict in few words; empty where there is none.</param>
/// <param name="Summary">What was proved; empty where nothing was.</param>
internal sealed record GrowthRecord(string Verdict, string Summary)
{
    /// <summary>Reads it; empty where there is none.</summary>
    public static GrowthRecord Read(string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            string summary = json.RootElement.TryGetProperty("report", out JsonElement report) && report.ValueKind == JsonValueKind.Object ? Text(report, "summary") : "";
            return new GrowthRecord(Text(json.RootElement, "verdict"), summary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return new GrowthRecord("", "");
        }
    }

    /// <summary>Under which condition the grown model is what it should be; null where there is none.</summary>
    /// <param name="asksForLess">Whether the item itself asks for less than the whole proof.</param>
    public (string Code, string Text)? Condition(bool asksForLess) => Verdict switch
    {
        var v when v.StartsWith("lossy", StringComparison.Ordinal) => ("OG0152", $"{v}: the grown model does not compute what its source does"),
        var v when v.StartsWith("equivalent", StringComparison.Ordinal) => !asksForLess && Summary.Contains("; not run ", StringComparison.Ordinal) ? ("OG0151", Summary) : null,
        "" => null,
        var v => ("OG0153", $"{v}: nothing was proved"),
    };

    private static string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
