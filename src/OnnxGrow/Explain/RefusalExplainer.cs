using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Explain;

/// <summary>
/// Leads from a refusal back to the nodes behind it. A refusal is one line for a person; it quotes what the analysis has on
/// record of the axes, and by that the records are found again.
/// </summary>
public static class RefusalExplainer
{
    private const int MostCauses = 4;

    /// <summary>Explains a refusal.</summary>
    /// <param name="map">The source.</param>
    /// <param name="tensor">The tensor that was asked about, which the chains start at where it has the dimension.</param>
    /// <param name="refusal">The refusal.</param>
    public static RefusalExplanation Explain(ModelMap map, Value? tensor, CannotGrowException refusal)
    {
        string message = refusal.Message;
        var search = new TieSearch(map);
        var names = new AxisText(map);
        var found = new List<(Node? Node, Value? Boundary, string Why, Axis? Axis, CarrierNeed Need)>();
        found.AddRange(map.Flow.Freezes.Where(f => Quotes(message, f.Why)).Select(f => (f.Node, f.Interface, f.Why, (Axis?)f.Axis, CarrierNeed.None)));
        found.AddRange(map.Flow.Needs.Where(n => Quotes(message, n.Why)).Select(n => ((Node?)n.Node, (Value?)null, n.Why, (Axis?)n.Axis, n.What)));
        found.AddRange(map.Graph.Nodes.Where(n => Quotes(message, n.Display) && found.All(f => f.Node != n)).Select(n => ((Node?)n, (Value?)null, message, (Axis?)null, CarrierNeed.None)));
        var causes = new List<RefusalCause>();
        foreach ((Node? node, Value? boundary, string why, Axis? axis, CarrierNeed need) in found)
        {
            (Value, int)[] places = [.. Places(search.Links, node, boundary)];
            if (DimensionOf(map, names, axis, places, message) is not { } dimension || causes.Any(c => c.Node == node && c.Value == (boundary ?? c.Value) && c.Why == why))
            {
                continue;
            }

            causes.Add(CauseOf(map, search, tensor, node, why, dimension, places, need));
        }

        return new RefusalExplanation(message, [.. causes.Take(MostCauses)]);
    }

    private static bool Quotes(string message, string part) => part.Length > 0 && message.Contains(part, StringComparison.Ordinal);

    private static IEnumerable<(Value Value, int Axis)> Places(AxisLinks links, Node? node, Value? boundary)
    {
        IEnumerable<Value> values = node is not null ? links.ValuesOf(node) : boundary is not null ? [boundary] : [];
        return values.Where(v => v.Axes is not null).SelectMany(v => Enumerable.Range(0, v.Axes!.Length).Select(i => (v, i)));
    }

    /// <summary>Of the dimensions that the record is about, one that the message names, or the first.</summary>
    private static Dimension? DimensionOf(ModelMap map, AxisText names, Axis? axis, (Value Value, int Axis)[] places, string message)
    {
        Dimension[] candidates = axis is not null ? [.. names.DimensionsOf(axis)]
            : [.. places.SelectMany(p => names.DimensionsOf(p.Value.Axes![p.Axis])).Distinct()];
        Dimension? named = candidates.FirstOrDefault(d => Names(message, d));
        return named ?? (map.Dimensions.Any(d => Names(message, d)) ? null : candidates.FirstOrDefault());
    }

    private static bool Names(string message, Dimension dimension) =>
        message.StartsWith(dimension.Name + " ", StringComparison.Ordinal) || message.StartsWith(dimension.Name + ":", StringComparison.Ordinal)
        || Quotes(message, $"'{dimension.Name}'") || Quotes(message, $"({dimension.Name})");

    private static RefusalCause CauseOf(
        ModelMap map, TieSearch search, Value? tensor, Node? node, string why, Dimension dimension, (Value Value, int Axis)[] places, CarrierNeed need)
    {
        HashSet<(Value, int)> goals = [.. places.Where(p => AxisLinks.Has(p.Value.Axes![p.Axis], dimension.Size))];
        TieChain? chain = tensor is null ? null : ChainFrom(search, tensor, dimension, goals);
        bool own = chain is not null;
        Value? other = own ? null : dimension.Weights.Select(w => map.Graph.Find(w.Tensor)).FirstOrDefault(v => v is not null);
        chain ??= other is null ? null : ChainFrom(search, other, dimension, goals);
        return new RefusalCause
        {
            Dimension = dimension,
            Node = node,
            Value = chain?.End,
            Axis = chain?.EndAxis ?? -1,
            Why = why,
            Help = HelpFor(map, node, why, dimension, need),
            Chain = chain,
            StartsAtTensor = own,
        };
    }

    private static TieChain? ChainFrom(TieSearch search, Value from, Dimension dimension, HashSet<(Value, int)> goals) =>
        Enumerable.Range(0, from.Axes?.Length ?? 0)
            .Where(i => AxisLinks.Has(from.Axes![i], dimension.Size))
            .Select(i => search.Find(from, i, dimension.Size, (v, a) => goals.Contains((v, a))))
            .OfType<TieChain>().MinBy(c => c.Steps.Length);

    private static string HelpFor(ModelMap map, Node? node, string why, Dimension dimension, CarrierNeed need)
    {
        if (node is null)
        {
            return "the sizes of inputs and outputs are kept; --widen-interface lets them grow";
        }

        if (need != CarrierNeed.None)
        {
            return FormattableString.Invariant($"take a whole multiple: {dimension.Extent * 2}, {dimension.Extent * 3} or {dimension.Extent * 4}, where new entries are copies alone");
        }

        if (OperatorTable.Find(node) is null && map.Norms.All(n => !n.Nodes.Contains(node)))
        {
            return $"leave '{dimension.Name}' as it is, export the model with operators of the standard, or describe {Text.Name(node.Operator)} in src/OnnxGrow/Analysis/Operators";
        }

        if (why.Contains("is not known", StringComparison.Ordinal))
        {
            return "export the model with the shapes of its values (shape inference), so that the axis can be followed";
        }

        string[] others = [.. map.Dimensions.Where(d => d.CanGrow && d.Role != DimensionRole.Other && d != dimension).Select(d => d.Name.Split('.')[0]).Distinct(StringComparer.Ordinal)];
        return $"leave '{dimension.Name}' as it is" + (others.Length == 0 ? "" : $"; what can grow: {Text.Some(others)}");
    }
}
