using System.Text.Json;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using OnnxGrow.Training.Data.Tokenizers;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Files of the tests, and data made for them.</summary>
internal static class Fixture
{
    public static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Data", "Fixtures", name);

    public static BpeTokenizer Tiny(params string[] specials) => BpeTokenizer.Load(File("vocab.json"), File("merges.txt"), specials);

    public static IReadOnlyList<(string Text, int[] Ids)> Known(string name)
    {
        using JsonDocument json = JsonDocument.Parse(System.IO.File.ReadAllText(File(name)));
        return [.. json.RootElement.EnumerateArray().Select(e =>
            (e.GetProperty("text").GetString()!, e.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()).ToArray()))];
    }

    /// <summary>Text of words of one letter each, so that bytes tell where they are from.</summary>
    public static string Words(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"{(char)('a' + (i % 26))}{i} "));

    public static ITrainingData Open(TemporaryFolder folder, string recipe) =>
        DataSource.Open(DataRecipe.Parse(recipe, "recipe"), folder.Path);

    public static BadInputException Refused(Action action) => Xunit.Assert.Throws<BadInputException>(action);

    public static long[] Longs(Batch batch, string name) => [.. batch.Tensors[name].ToDoubles().Select(v => (long)v)];

    /// <summary>All bytes of a batch, for comparing.</summary>
    public static string Bytes(Batch batch) =>
        string.Join(';', batch.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}:{Convert.ToHexString(t.Value.Bytes.Span)}"));

    /// <summary>An IDX file of bytes.</summary>
    public static byte[] Idx(byte[] data, params int[] dims) =>
        [0, 0, 8, (byte)dims.Length, .. dims.SelectMany(d => BitConverter.GetBytes(d).Reverse()), .. data];

    /// <summary>A .npy file.</summary>
    public static byte[] Npy(string type, byte[] data, params long[] dims)
    {
        string head = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Concat(dims.Select(d => $"{d}, "))}), }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)head.Length, (byte)(head.Length >> 8), .. head.Select(c => (byte)c), .. data];
    }
}
