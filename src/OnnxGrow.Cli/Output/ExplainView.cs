using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Explain;

namespace OnnxGrow.Cli.Output;

/// <summary>What a tensor is, for a person.</summary>
internal static class ExplainView
{
    private const int MostUses = 3;

    public static void Print(TensorExplanation tensor, bool all)
    {
        Value value = tensor.Value;
        string type = tensor.Type is { } t ? $"{t.ToString().ToLowerInvariant()} " : "";
        string extents = tensor.Axes.IsEmpty && tensor.Shape is null ? "shape not known" : "[" + string.Join(", ", tensor.Axes.Select(a => Extent(a.Extent))) + "]";
        Terminal.Line($"{Text.Name(value.Name)}: {tensor.Kind}, {type}{extents}{(tensor.Axes.IsEmpty ? "" : " = " + tensor.Shape)}");
        if (tensor.IsAdded)
        {
            Terminal.Line("  this plan adds it; what follows describes it in the grown model");
        }

        if (value.Producer is { } producer && value.Tensor is null)
        {
            Terminal.Line($"  made by {producer.Display}");
        }

        Uses(value);
        if (!tensor.OtherUses.IsEmpty)
        {
            Terminal.Line($"  several nodes share this vector, and each use is followed by itself; the others: {string.Join(", ", tensor.OtherUses.Select(Text.Name))}");
        }

        foreach (AxisExplanation axis in tensor.Axes)
        {
            Terminal.Line();
            Print(axis, all);
        }

        foreach (DimensionExplanation dimension in tensor.Dimensions)
        {
            Terminal.Line();
            Print(dimension);
        }
    }

    private static void Uses(Value value)
    {
        string[] uses = [.. value.Consumers.Select(u => u.Node.Display).Distinct(StringComparer.Ordinal)];
        string more = uses.Length > MostUses ? string.Create(CultureInfo.InvariantCulture, $" and {uses.Length - MostUses} more") : "";
        Terminal.Line(uses.Length == 0 ? "  used by no node" : $"  used by {string.Join(", ", uses.Take(MostUses))}{more}");
    }

    private static void Print(AxisExplanation axis, bool all)
    {
        Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"axis {axis.Axis} ({Extent(axis.Extent)}): {axis.Text}"));
        if (axis.Ties.IsEmpty)
        {
            Terminal.Line(axis.Extent is null ? "  a size that is only known when the model runs; nothing grows along it" : "  no dimension of the model's weights runs along it");
        }

        // The parts of a product or of joined axes mostly come the same way.
        foreach (IGrouping<string, AxisTie> alike in axis.Ties.GroupBy(t => t.Chain is null ? "" : string.Join(' ', t.Chain.Steps.Select(s => s.To.Name))))
        {
            Print([.. alike], all);
        }
    }

    private static void Print(AxisTie[] ties, bool all)
    {
        AxisTie first = ties[0];
        string names = Text.List(ties.Select(t => $"'{t.Dimension.Name}'"));
        if (first.IsLandmark)
        {
            Terminal.Line($"  this is {first.Landmark}, which {names} is told by");
        }
        else if (first.Chain is { } chain)
        {
            string end = first.Landmark ?? "the nearest other weight";
            Terminal.Line($"  why {names}: tied to axis {chain.EndAxis.ToString(CultureInfo.InvariantCulture)} of {end}, {Text.Name(chain.End.Name)}:");
            ChainView.Print(chain, "    ", all);
        }
        else
        {
            Terminal.Line($"  no other weight has {names}");
        }
    }

    private static void Print(DimensionExplanation explained)
    {
        Dimension dimension = explained.Dimension;
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{dimension.Name} = {dimension.Extent}: {Meaning(dimension)}; {Text.Number(dimension.Weights.Length)} {(dimension.Weights.Length == 1 ? "weight axis has" : "weight axes have")} it"));
        Terminal.Line(explained.Growth.CanGrow ? $"  can grow {explained.Growth.Text}" : "  cannot grow:");
        foreach (string why in explained.Growth.CanGrow ? [] : explained.Refusals.Select(r => r.Why).DefaultIfEmpty(explained.Growth.Text))
        {
            Terminal.Line($"    {why}");
        }

        if (explained.Needs.IsEmpty || !explained.Growth.CanGrow)
        {
            return;
        }

        Terminal.Line("  whole copies of the old entries always fit; entries beyond them, where these nodes stand:");
        foreach (NeedExplanation need in explained.Needs)
        {
            string more = need.Nodes > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {need.Nodes - 1} more like it)") : "";
            Terminal.Line($"    {need.What}: {need.Why}{more}");
        }
    }

    private static string Meaning(Dimension dimension)
    {
        string what = dimension.Role switch
        {
            DimensionRole.Hidden => "the residual width (d_model)",
            DimensionRole.Heads => "attention heads",
            DimensionRole.KvHeads => "heads of keys and values",
            DimensionRole.HeadsPerKv => "query heads that share a head of keys and values",
            DimensionRole.HeadDim => "the size of a head",
            DimensionRole.Ffn => "the inner width of a feed-forward block",
            DimensionRole.Inner => "an inner width outside the layers",
            DimensionRole.Vocabulary => "rows of the table of tokens",
            DimensionRole.Positions => "rows of a table of positions",
            DimensionRole.Segments => "rows of a table of segments",
            DimensionRole.Classes => "classes that are told apart",
            DimensionRole.Experts => "experts of a mixture",
            _ => "a size of its own",
        };
        return dimension.Layer is { } layer ? string.Create(CultureInfo.InvariantCulture, $"{what}, layer {layer}") : what;
    }

    private static string Extent(long? extent) => extent?.ToString(CultureInfo.InvariantCulture) ?? "?";
}
