using System.Text.Json;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Texts of many scripts with the ids that the published code of BERT and of GPT-2 gives them.</summary>
internal sealed class KnownIds
{
    private KnownIds(string[] vocabulary, JsonElement[] cases)
    {
        Vocabulary = vocabulary;
        Cases = cases;
    }

    /// <summary>The WordPiece vocabulary: a token a line of vocab.txt.</summary>
    public string[] Vocabulary { get; }

    private JsonElement[] Cases { get; }

    public static KnownIds Read()
    {
        JsonElement root = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Fixture.File("tokenizers-known.json")));
        return new([.. root.GetProperty("vocabulary").EnumerateArray().Select(t => t.GetString()!)], [.. root.GetProperty("cases").EnumerateArray()]);
    }

    /// <summary>All texts with their ids under one name of the file.</summary>
    public IReadOnlyList<(string Text, int[] Ids)> Of(string name) =>
        [.. Cases.Select(c => (c.GetProperty("text").GetString()!, c.GetProperty(name).EnumerateArray().Select(i => i.GetInt32()).ToArray()))];
}
