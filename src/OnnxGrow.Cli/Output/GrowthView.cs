using System.Globalization;
using OnnxGrow.Explain;
using OnnxGrow.Growth;

namespace OnnxGrow.Cli.Output;

/// <summary>What a plan does to a tensor, or why it cannot, for a person.</summary>
internal static class GrowthView
{
    public static void Print(GrowthExplanation growth)
    {
        Terminal.Line();
        Terminal.Line($"Under this plan ({string.Join(", ", growth.Changes.DefaultIfEmpty("no sizes"))}; method {growth.Plan.Method}, seed {growth.Plan.Seed.ToString(CultureInfo.InvariantCulture)}):");
        if (growth.Weights.IsEmpty && growth.Carried is null)
        {
            Terminal.Line("  the tensor stays as it is");
            return;
        }

        foreach (WeightGrowth weight in growth.Weights)
        {
            Print(weight);
        }

        if (growth.Carried is { } carried)
        {
            Print(carried);
        }

        if (!growth.AlsoSourceOf.IsEmpty)
        {
            Terminal.Line($"  new tensors are made from the same source: {string.Join(", ", growth.AlsoSourceOf.Select(Text.Name))}");
        }
    }

    public static void Print(RefusalExplanation refusal, bool all)
    {
        if (refusal.Causes.IsEmpty)
        {
            // The request itself is at fault; the line that the command ends with says all.
            return;
        }

        Terminal.Line();
        Terminal.Line(refusal.Causes.Length == 1 ? "This growth is refused, because of" : "This growth is refused, because these do not go together:");
        foreach (RefusalCause cause in refusal.Causes)
        {
            string axis = cause.Value is { } value ? $", at {ChainView.Value(value, cause.Axis)}" : "";
            Terminal.Line($"  {cause.Node?.Display ?? "the model's interface"}{axis}, dimension '{cause.Dimension.Name}'");
            Terminal.Line("    " + cause.Why);
            if (cause is { StartsAtTensor: true, Chain.Steps.IsEmpty: true })
            {
                Terminal.Line("    the tensor itself meets it there");
            }
            else if (cause.Chain is { } chain)
            {
                Terminal.Line(cause.StartsAtTensor ? "    the way there:" : $"    the tensor itself does not have '{cause.Dimension.Name}'; the way there from a weight that has it:");
                ChainView.Print(chain, "      ", all);
            }
        }

        foreach (string help in refusal.Causes.Select(c => c.Help).Distinct(StringComparer.Ordinal))
        {
            Terminal.Line("  what would help: " + help);
        }
    }

    private static void Print(WeightGrowth weight)
    {
        string name = Text.Name(weight.Name);
        string from = weight.Source == weight.Name ? "" : $", made from {Text.Name(weight.Source)}";
        string before = weight.SourceDims.IsEmpty && weight.Axes.IsEmpty ? "" : Dims(weight.SourceDims) + " -> ";
        Terminal.Line($"  {name}: {before}{Dims(weight.TargetDims)}{from}");
        if (weight.Origin is { } origin)
        {
            Terminal.Line($"    {origin}");
        }

        foreach (AxisGrowth axis in weight.Axes)
        {
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"    axis {axis.Axis}, {axis.Source} -> {axis.Target} ({axis.RoleWords}): {axis.Words}"));
            if (axis.Source != axis.Target)
            {
                Terminal.Line("      " + axis.Map);
            }
        }

        Terminal.Line($"    values: {weight.Values}");
        Terminal.Line($"    class:  {Growability.Name(weight.Exactness)}");
        if (!weight.Streams.IsEmpty)
        {
            Terminal.Line($"    random numbers: seed {weight.Seed.ToString(CultureInfo.InvariantCulture)}, {(weight.Streams.Length == 1 ? "stream" : "streams")} {string.Join(", ", weight.Streams.Select(s => $"'{Text.Name(s)}'"))}");
        }

        foreach (Rule rule in weight.Rules)
        {
            Terminal.Line($"    rule {rule.Number,-4} {rule.Name}: {rule.Formula}");
        }
    }

    private static void Print(CarriedValue carried)
    {
        Terminal.Line("  the grown model carries it so:");
        foreach (AxisGrowth axis in carried.Axes)
        {
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"    axis {axis.Axis}, {Extent(axis.Source)} -> {Extent(axis.Target)}: {axis.Words}"));
            if (axis.Map.Length > 0)
            {
                Terminal.Line("      " + axis.Map);
            }
        }

        if (carried.Scale != 1)
        {
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"    every entry times {carried.Scale:R}"));
        }
    }

    private static string Extent(long? extent) => extent?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private static string Dims(IEnumerable<long> dims) => "[" + string.Join(", ", dims.Select(d => d.ToString(CultureInfo.InvariantCulture))) + "]";
}
