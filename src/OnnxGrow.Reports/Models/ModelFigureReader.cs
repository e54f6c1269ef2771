using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Reports.Models;

/// <summary>Makes a figure of a model out of its analysis.</summary>
internal static class ModelFigureReader
{
    /// <summary>Blocks, as a figure names them.</summary>
    private const string Attention = "attention", FeedForward = "feed-forward", Tables = "tables", Output = "output";

    private static readonly (DimensionRole Role, string Block, string What)[] OfLayers =
    [
        (DimensionRole.Heads, Attention, "heads"),
        (DimensionRole.KvHeads, Attention, "key/value heads"),
        (DimensionRole.HeadsPerKv, Attention, "query heads each"),
        (DimensionRole.HeadDim, Attention, "head size"),
        (DimensionRole.Experts, FeedForward, "experts"),
        (DimensionRole.Ffn, FeedForward, "inner width"),
    ];

    /// <summary>The figure of a model.</summary>
    public static ModelFigure Of(ModelMap map, string name)
    {
        ModelSummary summary = ModelSummary.Of(map);
        var facts = new List<string> { summary.Family, summary.NormPlacement };
        facts.AddRange(map.Of(DimensionRole.Hidden).Select(d => FormattableString.Invariant($"width {d.Extent}")).Distinct());
        if (summary.TiedHead)
        {
            facts.Add("output layer tied to the token table");
        }

        Dictionary<int, List<FigureSize>> sizes = LayerSizes(map);
        return new ModelFigure(name, facts, summary.Parameters, [.. Parts(map, summary, sizes)]);
    }

    /// <summary>Marks what growth has changed.</summary>
    /// <param name="grown">The figure of the grown model.</param>
    /// <param name="source">The figure of its source.</param>
    /// <param name="plan">The growth.</param>
    public static ModelFigure Marked(ModelFigure grown, ModelFigure source, GrowthPlan plan)
    {
        FigurePart[] layers = [.. source.Parts.Where(p => p.Kind == PartKind.Layer)];
        (int Source, bool IsNew)[] order = [.. OrderOf(layers.Length, plan.Layers)];
        if (order.Length != grown.Parts.Count(p => p.Kind == PartKind.Layer) || order.Any(o => o.Source < 0 || o.Source >= layers.Length))
        {
            // The plan does not tell which layer is which; nothing is better said than something wrong.
            return grown;
        }

        return grown with
        {
            Parts = [.. grown.Parts.Select(part => part.Kind != PartKind.Layer
                ? Compared(part, source.Parts.FirstOrDefault(p => p.Kind == part.Kind), null)
                : order[part.Layer] is { IsNew: true } added
                    ? Compared(part, layers[added.Source], null) with { Mark = PartMark.New, From = FormattableString.Invariant($"new: begins as a copy of layer {added.Source} of the source{(IsLossless(plan) ? ", and adds nothing at first" : "")}") }
                    : Compared(part, layers[order[part.Layer].Source], order[part.Layer].Source))],
        };
    }

    /// <summary>The layers of a grown model: the source's number, and whether it is a copy of that.</summary>
    internal static IEnumerable<(int Source, bool IsNew)> OrderOf(int layers, ImmutableArray<LayerInsertion> inserted)
    {
        for (int layer = 0; layer < layers; layer++)
        {
            yield return (layer, false);
            foreach (LayerInsertion added in inserted.Where(i => i.After == layer))
            {
                yield return (added.CopyOf, true);
            }
        }
    }

    private static bool IsLossless(GrowthPlan plan) =>
        Growth.Methods.GrowthMethod.All.TryGetValue(plan.Method, out Growth.Methods.GrowthMethod? method) && method.IsLossless;

    private static FigurePart Compared(FigurePart part, FigurePart? before, int? from)
    {
        if (before is null)
        {
            return part;
        }

        FigureSize[] sizes = [.. part.Sizes.Select(s => s with { Was = before.Sizes.FirstOrDefault(b => b.Block == s.Block && b.What == s.What)?.Size is { } was && was != s.Size ? was : null })];
        bool wider = part.Parameters != before.Parameters || sizes.Any(s => s.Was is not null);
        string? moved = from is { } layer && (wider || layer != part.Layer) ? FormattableString.Invariant($"layer {layer} of the source") : null;
        return part with
        {
            Sizes = sizes,
            Mark = wider ? PartMark.Wider : PartMark.None,
            From = !wider ? moved : (moved is null ? "" : moved + ", ") + $"{Text.Number(before.Parameters)} parameters before",
        };
    }

    private static IEnumerable<FigurePart> Parts(ModelMap map, ModelSummary summary, Dictionary<int, List<FigureSize>> sizes)
    {
        Dictionary<string, long> counts = summary.Parts.ToDictionary(p => p.Part, p => p.Parameters, StringComparer.Ordinal);
        if (map.Layers.Count == 0)
        {
            yield return new FigurePart { Kind = PartKind.All, Parameters = summary.Parameters, Sizes = [] };
            yield break;
        }

        if (counts.TryGetValue("embeddings", out long embeddings))
        {
            yield return new FigurePart
            {
                Kind = PartKind.Embeddings,
                Parameters = embeddings,
                Sizes = Outside(map, (DimensionRole.Vocabulary, Tables, "tokens"), (DimensionRole.Positions, Tables, "positions"), (DimensionRole.Segments, Tables, "segments"), (DimensionRole.Hidden, Tables, "width")),
            };
        }

        foreach (Layer layer in map.Layers)
        {
            yield return new FigurePart
            {
                Kind = PartKind.Layer,
                Layer = layer.Index,
                Stack = layer.Stack,
                Parameters = counts.GetValueOrDefault(FormattableString.Invariant($"layer {layer.Index}")),
                Sizes = sizes[layer.Index],
            };
        }

        yield return new FigurePart
        {
            Kind = PartKind.Head,
            Parameters = counts.GetValueOrDefault("head"),
            Sizes = Outside(map, (DimensionRole.Classes, Output, "classes"), (DimensionRole.Inner, Output, "inner width")),
        };
    }

    private static List<FigureSize> Outside(ModelMap map, params (DimensionRole Role, string Block, string What)[] wanted) =>
        [.. wanted.Select(w => (w, map.Of(w.Role).FirstOrDefault(d => d.Layer is null))).Where(p => p.Item2 is not null)
            .Select(p => new FigureSize(p.w.Block, p.w.What, p.Item2!.Extent))];

    /// <summary>The sizes of each layer: of its own dimensions, or of those that it shares with others.</summary>
    private static Dictionary<int, List<FigureSize>> LayerSizes(ModelMap map)
    {
        var found = new Dictionary<int, List<FigureSize>>();
        ILookup<(DimensionRole, int), Dimension> own = map.Dimensions.Where(d => d.Layer is not null).ToLookup(d => (d.Role, d.Layer!.Value));
        foreach (Layer layer in map.Layers)
        {
            HashSet<string> tensors = [.. layer.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Select(v => v.InitializerName)];
            var sizes = new List<FigureSize>();
            foreach ((DimensionRole role, string block, string what) in OfLayers)
            {
                // The size of a head may be two halves that turn into each other.
                Dimension? dimension = own[(role, layer.Index)].FirstOrDefault()
                    ?? map.Of(role).FirstOrDefault(d => d.Layer is null && d.Weights.Any(w => tensors.Contains(w.Tensor)));
                if (dimension is not null)
                {
                    sizes.Add(new FigureSize(block, what, dimension.Extent * dimension.Occurrences));
                }
            }

            found.Add(layer.Index, sizes);
        }

        return found;
    }
}
