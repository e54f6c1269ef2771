using System.Text;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Coverage;

/// <summary>All growths of one model, and the methods on the widest and the deepest of them.</summary>
internal sealed record CoverageRow(string Model, IReadOnlyList<CoverageCell> Growths, IReadOnlyList<CoverageCell> Methods)
{
    /// <summary>Lossless methods other than the default one, with the growth that each is tried on.</summary>
    public static IReadOnlyList<string> MethodNames { get; } =
        [.. GrowthMethod.All.Values.Where(m => m.IsLossless && m.Name != new GrowthPlan().Method).Select(m => m.Name)];

    /// <summary>All cells.</summary>
    public IEnumerable<CoverageCell> Cells => Growths.Concat(Methods);

    /// <summary>Makes the row.</summary>
    public static CoverageRow Of(string path)
    {
        string name = Path.GetRelativePath(Path.Combine(Repository.Root, "models"), path).Replace(Path.DirectorySeparatorChar, '/');
        name = name[..^".onnx".Length];
        using var folder = new TemporaryFolder();
        try
        {
            using var job = GrowthJob.Open(path);
            var plans = CoverageCases.Of(job.Map);
            CoverageCell[] growths = [.. plans.Select(p => CoverageCell.Of(p.Name, job, p.Plan, folder.File("grown.onnx")))];
            GrowthPlan? wide = plans[0].Plan;
            GrowthPlan? deep = CoverageCases.Deeper(job.Map);
            CoverageCell[] methods = [.. MethodNames.Select(m => CoverageCell.Of(m, job, (m == "llama-pro" ? deep : wide) is { } p ? p with { Method = m } : null, folder.File("grown.onnx")))];
            return new CoverageRow(name, growths, methods);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new CoverageRow(name, [new CoverageCell("map", CellKind.Fails, "**fails**", e.ToString().Split('\n')[0])], []);
        }
    }

    /// <summary>The row for a terminal.</summary>
    public string ToText()
    {
        var text = new StringBuilder("## ").Append(Model).Append('\n');
        foreach (CoverageCell cell in Cells.Where(c => c.Kind != CellKind.Nothing))
        {
            text.Append("   ").Append(cell.Name.PadRight(14)).Append(' ').Append(cell.Text);
            text.Append(cell.Why.Length > 0 ? ": " + cell.Why : "").Append('\n');
        }

        return text.ToString();
    }
}
