namespace OnnxGrow.Bench.Grow;

/// <summary>A GPT-like decoder by its sizes, and twice as wide.</summary>
/// <param name="Name">Gigabytes of the grown model, about.</param>
/// <param name="Hidden">Width of the source.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Vocabulary">Tokens.</param>
internal sealed record BenchModel(string Name, int Hidden, int Layers, int Vocabulary)
{
    private const int HeadSize = 64;

    /// <summary>The model whose grown form has about so many gigabytes of float32.</summary>
    public static BenchModel Of(string gigabytes) => gigabytes switch
    {
        "0.7" => new(gigabytes, 512, 12, 24_000),
        "2.7" => new(gigabytes, 1024, 12, 32_000),
        "8" => new(gigabytes, 1536, 16, 65_000),
        _ => throw new ArgumentException($"--sizes {gigabytes}: give 0.7, 2.7 or 8"),
    };

    /// <summary>Options that make it out of a small model, with random weights.</summary>
    public string[] Making =>
    [
        "--hidden", $"{Hidden}", "--heads", $"{Hidden / HeadSize}", "--head-dim", $"{HeadSize}", "--ffn", $"{4 * Hidden}",
        "--layers", $"{Layers}", "--vocabulary", $"{Vocabulary}", "--positions", "1024", "--method", "random", "--external", "--no-verify", "--force",
    ];
}
