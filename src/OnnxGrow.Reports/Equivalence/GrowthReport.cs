using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Explain;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Reports.Models;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Reports.Equivalence;

/// <summary>The report of a growth or of a comparison of two models: a page that needs no other file.</summary>
public static class GrowthReport
{
    /// <summary>The report of a growth.</summary>
    /// <param name="grown">The grown model.</param>
    /// <param name="source">The source's file.</param>
    /// <param name="output">The grown model's file.</param>
    /// <param name="verdict">What was decided; null where nothing was asked.</param>
    /// <param name="report">What was proved; null where nothing was.</param>
    public static string OfGrowth(GrownModel grown, string source, string? output, string? verdict, EquivalenceReport? report) => new EquivalencePage
    {
        Title = $"Growth of {Path.GetFileName(source)}",
        Lead = $"{(output is null ? "A plan only" : Path.GetFileName(output))}: {verdict ?? "nothing was written"}.",
        Report = report,
        Growth = Words(grown.Source, grown.Plan, grown.Exactness),
        Weights = PlanExplainer.WeightsOf(grown),
        Source = FigureOf(grown.Source, Path.GetFileName(source)),
        Grown = Marked(MapOf(grown.Model), output is null ? "" : Path.GetFileName(output), grown.Source, grown.Plan),
    }.Write();

    /// <summary>The report of a comparison.</summary>
    /// <param name="source">The first model.</param>
    /// <param name="grown">The second.</param>
    /// <param name="report">What came of it.</param>
    /// <param name="limits">What the files may ask of the machine; null for the default.</param>
    /// <exception cref="BadInputException">A file cannot be used.</exception>
    public static string OfComparison(string source, string grown, EquivalenceReport report, ReadLimits? limits = null)
    {
        using OnnxModel before = OnnxModel.Open(source, limits);
        using OnnxModel after = OnnxModel.Open(grown, limits);
        ModelMap? map = MapOf(before);
        var page = new EquivalencePage
        {
            Title = $"{Path.GetFileName(source)} and {Path.GetFileName(grown)} compared",
            Lead = (report.Verdict switch { Verdict.Equivalent => "Equivalent", Verdict.NotEquivalent => "Not equivalent", _ => "Not verified" }) + ".",
            Report = report,
            Source = FigureOf(map, Path.GetFileName(source)),
            Grown = FigureOf(MapOf(after), Path.GetFileName(grown)),
        };
        if (map is null || PlanOf(after) is not { } plan || plan.SourceSha256 != ContentHash.Sha256OfFile(source))
        {
            return page.Write();
        }

        page = page with { Grown = Marked(MapOf(after), Path.GetFileName(grown), map, plan), Growth = Words(map, plan, null) };
        try
        {
            using GrownModel again = Grower.Grow(map, plan);
            return (page with { Weights = PlanExplainer.WeightsOf(again), Growth = Words(map, plan, again.Exactness) }).Write();
        }
        catch (OnnxGrowException)
        {
            // An initialisation that is not there, or a plan that does not fit: the comparison stands without its weights.
            return page.Write();
        }
    }

    private static GrowthPlan? PlanOf(OnnxModel model)
    {
        try
        {
            return PlanMetadata.Read(model.Proto);
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    private static ModelMap? MapOf(OnnxModel model)
    {
        try
        {
            return ModelMap.Of(model);
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    private static ModelFigure? FigureOf(ModelMap? map, string name) => map is null ? null : ModelFigureReader.Of(map, name);

    private static ModelFigure? Marked(ModelMap? grown, string name, ModelMap source, GrowthPlan plan) =>
        grown is null ? null : ModelFigureReader.Marked(ModelFigureReader.Of(grown, name), ModelFigureReader.Of(source, ""), plan);

    private static string Words(ModelMap map, GrowthPlan plan, Exactness? exactness)
    {
        string changes = string.Join(", ", PlanExplainer.ChangesOf(map, plan).DefaultIfEmpty("no sizes"));
        string summary = GrowthMethod.All.TryGetValue(plan.Method, out GrowthMethod? method) ? $" ({method.Summary.TrimEnd('.')})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"Changed: {changes}. Method {plan.Method}{summary}, seed {plan.Seed}{(exactness is { } e ? ", class " + Growability.Name(e) : "")}.");
    }
}
