using System.Text;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data.Texts;
using OnnxGrow.Training.Data.Tokenizers;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Long texts are read in parts, and nothing shows it.</summary>
public sealed class TextPartsTests
{
    [Fact]
    public void Ids_of_a_long_file_are_those_of_its_text()
    {
        using var folder = new TemporaryFolder();
        var text = new StringBuilder();
        var random = new Random(3);
        while (text.Length < 3_000_000)
        {
            text.Append(random.Next(6) switch { 0 => "\n\n  ", 1 => " ", 2 => "don't", 3 => "naïve", 4 => "𝒜 ", _ => "the States" });
        }

        string whole = text.ToString();
        File.WriteAllText(folder.File("long.txt"), whole);
        BpeTokenizer tokenizer = Fixture.Tiny();
        var ids = new List<int>();
        int parts = 0;
        TextFiles.Read(folder.File("long.txt"), part =>
        {
            parts++;
            tokenizer.Encode(part, ids);
        });
        Assert.InRange(parts, 3, 10);
        Assert.Equal(tokenizer.Encode(whole), ids);
    }

    [Fact]
    public void A_file_that_fills_a_part_exactly_is_read_to_its_end()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("full.txt"), new string('a', (1 << 20) - 2) + " b");
        long length = 0;
        TextFiles.Read(folder.File("full.txt"), part => length += part.Length);
        Assert.Equal(1 << 20, length);
    }

    [Fact]
    public void What_is_not_UTF_8_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("latin.txt"), [(byte)'a', 0xE9, (byte)'b']);
        Assert.Contains("latin.txt", Fixture.Refused(() => TextFiles.Read(folder.File("latin.txt"), _ => { })).Message, StringComparison.Ordinal);
    }
}
