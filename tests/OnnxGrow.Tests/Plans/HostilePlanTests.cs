using System.Text;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Tests.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Plans;

/// <summary>Plans that somebody wrote to break the reader: every one ends in one line with a place.</summary>
public sealed class HostilePlanTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("mehtod: lemon", "line 1, column 1", "did you mean 'method'?")]
    [InlineData("seed: 1\ndimension: {}", "line 2, column 1", "did you mean 'dimensions'?")]
    [InlineData("zzzzzzzzzzzzzzzz: 1", "line 1, column 1", "a plan has version, method")]
    [InlineData("dimensions: {hidden: 96, hidden: 128}", "line 1, column", "Duplicate")]
    [InlineData("seed: 1\nseed: 1", "line 2, column", "Duplicate")]
    [InlineData("layers: [{after: 1, after: 2}]", "line 1, column", "Duplicate")]
    [InlineData("dimensions: {hidden: 1e18}", "line 1, column 22", "'1e18' is not a whole number")]
    [InlineData("dimensions: {hidden: 1000000000000000000}", "line 1, column 22", "is not a whole number from 1 to 2147483647")]
    [InlineData("dimensions: {hidden: 99999999999999999999999}", "line 1, column 22", "is not a whole number")]
    [InlineData("dimensions: {hidden: -1}", "line 1, column 22", "'-1'")]
    [InlineData("dimensions: {hidden: 0}", "line 1, column 22", "'0'")]
    [InlineData("dimensions: {hidden: .nan}", "line 1, column 22", "'.nan'")]
    [InlineData("dimensions: {hidden: 96.5}", "line 1, column 22", "'96.5'")]
    [InlineData("dimensions: {hidden: 0x60}", "line 1, column 22", "'0x60'")]
    [InlineData("dimensions: {hidden: }", "line 1, column", "''")]
    [InlineData("dimensions: {hidden: [96]}", "line 1, column 22", "a single value")]
    [InlineData("dimensions: [96]", "line 1, column 13", "must be a mapping")]
    [InlineData("seed: 18446744073709551616", "line 1, column 7", "2^64-1")]
    [InlineData("noise_db: loud", "line 1, column 11", "decibels")]
    [InlineData("widen_interface: yes", "line 1, column 18", "true or false")]
    [InlineData("layers: [{after: -1}]", "line 1, column 18", "'-1'")]
    [InlineData("layers: [1]", "line 1, column 10", "must be a mapping")]
    [InlineData("layers: [{after: 1, copy: 0}]", "line 1, column 21", "unknown key 'copy'")]
    [InlineData("init: model.onnx", "line 1, column 7", "must be a mapping")]
    [InlineData("init: {file: model.onnx}", "line 1, column 8", "unknown key 'file'")]
    [InlineData("version: 999999999999", "line 1, column 10", "from 1 to 1")]
    [InlineData("a: &a [1]\nb: *a", "line 2, column 4", "aliases are not allowed")]
    [InlineData("<<: {seed: 1}", "line 1, column 1", "unknown key '<<'")]
    [InlineData("seed: 1\n---\nseed: 2", "one mapping", "")]
    [InlineData("", "one mapping", "")]
    [InlineData("- 1", "one mapping", "")]
    [InlineData("seed: \"\\uZZZZ\"", "line 1", "not readable")]
    [InlineData("seed: \"\\UFFFFFFFF\"", "not readable", "")]
    [InlineData("%YAML 99999999999999.1\n---\nseed: 1", "line 1", "")]
    [InlineData("? [a, b]\n: 1", "line 1, column 3", "a single value")]
    [InlineData("\"se\\u001b[31med\": 1", "line 1, column 1", "\\u001b[31m")]
    [InlineData("method: !!binary aGk=\nmethud: 1", "line 2, column 1", "did you mean 'method'?")]
    public void Faults_are_named_with_their_place(string text, string place, string what)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => PlanFile.Parse(text, "plan"));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void Bombs_are_refused_for_what_they_cost_to_read()
    {
        string doubled = "a: &a [x,x]\n" + string.Concat(Enumerable.Range(1, 200).Select(i => $"k{i}: &k{i} [*{(i == 1 ? "a" : $"k{i - 1}")},*{(i == 1 ? "a" : $"k{i - 1}")}]\n"));
        Cheap(doubled, "aliases");
        Cheap("a: &a {b: *a}", "aliases");
        Cheap(new string('[', 1_000_000), "nested too deeply");
        Cheap(new string('{', 1_000_000), "nested too deeply");
        Cheap(string.Concat(Enumerable.Repeat("- ", 1_000_000)), "nested too deeply");
        Cheap(string.Concat(Enumerable.Repeat("? ", 1_000_000)), "nested too deeply");
        Cheap("layers: [" + string.Concat(Enumerable.Repeat("{after: 0},", 20_000)) + "1]", "must be a mapping");
        Cheap("seed: " + new string('9', 1_000_000), "'seed' must be");
        Cheap(new string('k', 1_000_000) + ": 1", "line 1");

        static void Cheap(string text, string says)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            string message = Assert.Throws<BadInputException>(() => PlanFile.Parse(text, "plan")).Message;
            Assert.Contains(says, message, StringComparison.Ordinal);
            Assert.True(message.Length < 700, message);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200 << 20);
        }
    }

    [Fact]
    public void Files_that_are_no_text_or_do_not_end_are_refused()
    {
        TestFolder.Refused(() => PlanFile.Load(folder.Write("p.yaml", [0x73, 0xFF, 0xFE, 0x80])), "p.yaml", "UTF-8");
        TestFolder.Refused(() => PlanFile.Load(folder.Write("p.yaml", new byte[PlanFile.MaxLength + 1])), "p.yaml", "too many");
        TestFolder.Refused(() => PlanFile.Load(folder.File("none.yaml")), "no such file");
        TestFolder.Refused(() => PlanFile.Load(folder.Path), "no such file");
        Assert.Equal(5UL, PlanFile.Load(folder.Write("p.yaml", [0xEF, 0xBB, 0xBF, .. "seed: 5\n"u8])).Seed);
        Assert.Equal(6UL, PlanFile.Load(folder.Write("p.yaml", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("seed: 6\n")])).Seed);
        if (OperatingSystem.IsLinux())
        {
            TestFolder.Refused(() => PlanFile.Load("/dev/zero"), "too many");
        }
    }
}
