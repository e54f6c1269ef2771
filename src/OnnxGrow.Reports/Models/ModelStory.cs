using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Explain;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;

namespace OnnxGrow.Reports.Models;

/// <summary>What a model file says of itself: what it is made of, and if it was grown, what it comes from.</summary>
internal sealed record ModelStory
{
    /// <summary>The model; null where the file cannot be understood.</summary>
    public ModelFigure? Figure { get; init; }

    /// <summary>Its source; null where it has none, or none is known.</summary>
    public ModelFigure? Source { get; init; }

    /// <summary>The growth; null where it was not grown.</summary>
    public GrowthPlan? Plan { get; init; }

    /// <summary>What was proved of it.</summary>
    public string? Verdict { get; init; }

    /// <summary>The source's SHA-256.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>What the growth changed: "hidden 48 -> 96".</summary>
    public ImmutableArray<string> Changes { get; init; } = [];

    /// <summary>Why something of this is missing.</summary>
    public string? Note { get; init; }

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may ask of the machine.</param>
    /// <param name="cancellation">Stops it.</param>
    public static ModelStory Read(string path, ReadLimits? limits, CancellationToken cancellation)
    {
        try
        {
            using OnnxModel model = OnnxModel.Open(path, limits);
            return Of(model, Path.GetFileName(path), cancellation);
        }
        catch (OnnxGrowException e)
        {
            return new ModelStory { Note = "The model is not drawn: " + e.Message };
        }
    }

    private static ModelStory Of(OnnxModel model, string name, CancellationToken cancellation)
    {
        var story = new ModelStory { Figure = ModelFigureReader.Of(ModelMap.Of(model, cancellation), name) };
        GrowthPlan? plan;
        try
        {
            plan = PlanMetadata.Read(model.Proto);
        }
        catch (BadInputException e)
        {
            return story with { Note = e.Message };
        }

        if (plan is null)
        {
            return story;
        }

        story = story with
        {
            Plan = plan,
            Verdict = Find(model, PlanMetadata.VerdictKey),
            SourceSha256 = Find(model, PlanMetadata.SourceKey) ?? plan.SourceSha256,
            Changes = [.. plan.Dimensions.Select(d => FormattableString.Invariant($"{d.Key} -> {d.Value}"))],
        };
        try
        {
            using ShrunkModel shrunk = Shrinker.Shrink(model);
            ModelMap source = ModelMap.Of(shrunk.Model, cancellation);
            ModelFigure before = ModelFigureReader.Of(source, "");
            return story with
            {
                Source = before,
                Figure = ModelFigureReader.Marked(story.Figure, before, plan),
                Changes = [.. PlanExplainer.ChangesOf(source, plan)],
            };
        }
        catch (OnnxGrowException e)
        {
            return story with { Note = "Its source is not drawn: " + e.Message };
        }
    }

    private static string? Find(OnnxModel model, string key) => model.Proto.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;
}
