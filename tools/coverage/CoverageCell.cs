using System.Globalization;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Coverage;

/// <summary>How a growth went.</summary>
internal enum CellKind
{
    /// <summary>The model has nothing that the growth could mean.</summary>
    Nothing,

    /// <summary>Certificate, witness and comparison as shipped hold.</summary>
    Holds,

    /// <summary>What could be proved holds, and something could not be run.</summary>
    PartlyProved,

    /// <summary>It is refused, with a reason.</summary>
    Refused,

    /// <summary>It was made and does not hold.</summary>
    Fails,
}

/// <summary>One growth of one model.</summary>
internal sealed record CoverageCell(string Name, CellKind Kind, string Text, string Why)
{
    /// <summary>Grows, saves, proves.</summary>
    public static CoverageCell Of(string name, GrowthJob job, GrowthPlan? plan, string output)
    {
        if (plan is null)
        {
            return new CoverageCell(name, CellKind.Nothing, "", "");
        }

        try
        {
            using GrownModel grown = Grower.Grow(job.Map, job.Bind(plan));
            PlanMetadata.SetSourceGraph(grown);
            grown.Model.Save(output);
            EquivalenceReport report = job.Prove(grown, output, new EquivalenceOptions { MaxLength = 20 });
            return Judge(name, grown, report, ComesBack(job.SourcePath, output));
        }
        catch (CannotGrowException e)
        {
            return new CoverageCell(name, CellKind.Refused, "refused", e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new CoverageCell(name, CellKind.Fails, "**fails**", e.ToString().Split('\n')[0]);
        }
    }

    private static bool ComesBack(string source, string output)
    {
        using OnnxModel grown = OnnxModel.Open(output);
        using ShrunkModel shrunk = Shrinker.Shrink(grown);
        return shrunk.Model.ToBytes().AsSpan().SequenceEqual(File.ReadAllBytes(source));
    }

    private static CoverageCell Judge(string name, GrownModel grown, EquivalenceReport report, bool comesBack)
    {
        string letter = Growability.Letter(grown.Exactness);
        bool certified = report.Certificate is { Ran: true, Passed: true };
        if (report.Verdict == Verdict.NotEquivalent || !certified)
        {
            return new CoverageCell(name, CellKind.Fails, "**fails**", report.Summary);
        }

        if (!comesBack)
        {
            return new CoverageCell(name, CellKind.Fails, "**fails**", "'shrink' does not give the source back byte for byte");
        }

        string witness = report.Witness is { Verdict: Verdict.Equivalent } w ? Figure(w) : "no witness";
        string shipped = report.AsShipped is { Verdict: Verdict.Equivalent } s ? Figure(s) : "not run";
        bool all = report.Witness?.Verdict == Verdict.Equivalent && report.AsShipped?.Verdict == Verdict.Equivalent;
        string why = all ? "" : (report.Witness?.Reason ?? "") + " " + (report.AsShipped?.Reason ?? "");
        return new CoverageCell(name, all ? CellKind.Holds : CellKind.PartlyProved, $"{letter}, {witness}, {shipped}", why.Trim());
    }

    private static string Figure(LevelReport level) => string.Create(CultureInfo.InvariantCulture, $"{level.RequiredTolerance:0e+0}");
}
