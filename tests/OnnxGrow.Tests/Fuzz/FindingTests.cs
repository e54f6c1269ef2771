using OnnxGrow.TestSupport;
using OnnxGrow.TestSupport.Fuzz;
using Xunit;

namespace OnnxGrow.Tests.Fuzz;

/// <summary>Every file that fuzzing found something with; docs/fuzzing.md says what.</summary>
public sealed class FindingTests
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(Repository.Root, "tests", "OnnxGrow.Tests", "Fuzz", "Findings");

    [Theory]
    [MemberData(nameof(Files))]
    public void Is_read_or_refused_in_one_line(string file)
    {
        using var reader = new FuzzReader(new FuzzLimits { ProcessorTime = null, WholeProcess = false });
        FuzzOutcome outcome = reader.Read(FuzzInput.Load(Path.Combine(Folder, file)));
        Assert.True(outcome.Verdict != FuzzVerdict.Finding, $"{outcome.Key}: {outcome.Text}");
    }
}
