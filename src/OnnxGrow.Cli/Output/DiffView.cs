using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Compare;
using OnnxGrow.Growth;
using Spectre.Console;

namespace OnnxGrow.Cli.Output;

/// <summary>How two models differ, for a person.</summary>
internal static class DiffView
{
    private const int MostTensors = 20;

    public static void Print(string pathA, string pathB, ModelComparison diff, bool all)
    {
        Fact[] words = [.. diff.Facts.Where(IsWords)];
        Terminal.Line($"A  {OnnxGrow.Text.Name(pathA)}{Hash(diff.HashA)}");
        Terminal.Line("   " + string.Join(", ", words.Select(f => f.A)));
        Terminal.Line($"B  {OnnxGrow.Text.Name(pathB)}{Hash(diff.HashB)}");
        Terminal.Line("   " + string.Join(", ", words.Select(f => f.B)));
        if (diff.IsSame)
        {
            Terminal.Line(diff.SameFile
                ? "The models are equal: the files are the same, byte for byte."
                : "The models are equal: same graph, same weights. The files differ only in how they store them or in what they say about themselves.");
            return;
        }

        Print(diff.Lineage);
        Terminal.Line();
        Terminal.Write(Facts(diff));
        Interface(diff);
        Operators(diff);
        Tensors(diff, all);
    }

    private static string Hash(string? hash) => hash is null ? "" : $"  (SHA-256 {hash[..12]}...)";

    private static void Print(Lineage? lineage)
    {
        if (lineage is null)
        {
            Terminal.Line("Neither says that it was grown by OnnxGrow.");
            return;
        }

        (string grown, string other) = lineage.OfB ? ("B", "A") : ("A", "B");
        string tool = lineage.Tool is { } t ? OnnxGrow.Text.Name(t) : "OnnxGrow";
        Terminal.Line(lineage.OtherIsSource switch
        {
            true => $"{grown} was grown from {other} by {tool} (its metadata names {other}'s SHA-256).",
            false => $"{grown} was grown by {tool}, but not from {other}: its source has the SHA-256 {OnnxGrow.Text.Name(lineage.SourceSha256!)}.",
            _ => $"{grown} was grown by {tool}; of which file, its metadata does not say.",
        });
        if (lineage.Plan is { } plan)
        {
            string changes = lineage.Changes.IsEmpty ? "" : string.Join(", ", lineage.Changes) + "; ";
            Terminal.Line($"  plan: {changes}method {OnnxGrow.Text.Name(plan.Method)}, seed {plan.Seed.ToString(CultureInfo.InvariantCulture)}");
        }
        else
        {
            Terminal.Line($"  its plan cannot be read: {lineage.PlanFault}");
        }

        Terminal.Line($"  verdict in its metadata: {(lineage.Verdict is { } verdict ? OnnxGrow.Text.Name(verdict) : "none")}");
    }

    private static Table Facts(ModelComparison diff)
    {
        Table table = Terminal.Table("", ">A", ">B", "change");
        foreach (Fact fact in diff.Facts.Where(f => !IsWords(f)))
        {
            table.Row(fact.Name, OnnxGrow.Text.Name(fact.A), OnnxGrow.Text.Name(fact.B), fact.A == fact.B ? "" : Change(Parse(fact.A), Parse(fact.B)));
        }

        foreach (NormDifference norm in diff.Norms)
        {
            table.Row($"{norm.Kind} ({norm.Placement})", Number(norm.A), Number(norm.B), norm.A == norm.B ? "" : Change(norm.A, norm.B));
        }

        // Layers alike share a row; sizes of their own count only where they differ.
        foreach (IGrouping<(DimensionRole, long?, long?, string), DimensionDifference> row in diff.Dimensions
            .Where(d => d.Role != DimensionRole.Other || d.A != d.B)
            .GroupBy(d => (d.Role, d.A, d.B, d.Role == DimensionRole.Other ? d.Name : "")))
        {
            DimensionDifference first = row.First();
            string name = row.Count() == 1 ? first.Name : $"{first.Name} .. {row.Last().Name}";
            table.Row(name, first.A is { } a ? Number(a) : "-", first.B is { } b ? Number(b) : "-", first.A == first.B ? "" : Change(first.A, first.B));
        }

        return table;
    }

    private static void Interface(ModelComparison diff)
    {
        if (diff.Interface.IsEmpty)
        {
            Terminal.Line("Inputs and outputs are the same.");
            return;
        }

        Table table = Terminal.Table("interface", "A", "B");
        foreach (InterfaceDifference one in diff.Interface)
        {
            table.Row($"{(one.IsInput ? "input" : "output")} {OnnxGrow.Text.Name(one.Name)}", one.A ?? "-", one.B ?? "-");
        }

        Terminal.Write(table);
    }

    private static void Operators(ModelComparison diff) => Terminal.Line(diff.Operators.IsEmpty
        ? "Operators are the same, and as many of each."
        : "Operators: " + string.Join(", ", diff.Operators.Select(o => string.Create(CultureInfo.InvariantCulture, $"{OnnxGrow.Text.Name(o.Operator)} {o.A} -> {o.B}"))) + ".");

    private static void Tensors(ModelComparison diff, bool all)
    {
        if (!diff.Tensors.IsEmpty)
        {
            bool planned = diff.Tensors.Any(t => t.Exactness is not null);
            Table table = planned ? Terminal.Table("weight", "change", "A", "B", "class", "rules") : Terminal.Table("weight", "change", "A", "B");
            foreach (TensorDifference tensor in diff.Tensors.Take(all ? int.MaxValue : MostTensors))
            {
                string[] cells = [Name(tensor), Word(tensor.Change), tensor.ShapeA ?? "-", tensor.ShapeB ?? "-"];
                string[] how = [tensor.Exactness is { } e ? Growability.Letter(e) : "", string.Join(' ', tensor.Rules)];
                table.Row(planned ? [.. cells, .. how] : cells);
            }

            Terminal.Write(table);
            if (!all && diff.Tensors.Length > MostTensors)
            {
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"... and {diff.Tensors.Length - MostTensors} more weights that differ (--all shows them)"));
            }
        }

        string constants = diff.OtherConstants == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", and {diff.OtherConstants} other constants (sizes, indices, single numbers) that differ");
        int Count(TensorChange change) => diff.Tensors.Count(t => t.Change == change);
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"Weights: {diff.SameTensors} the same, {Count(TensorChange.Reshaped)} of another shape, {Count(TensorChange.Revalued)} of other values, {Count(TensorChange.Added)} added, {Count(TensorChange.Removed)} gone{constants}."));
    }

    private static string Name(TensorDifference tensor)
    {
        string name = OnnxGrow.Text.Name(tensor.NameB ?? tensor.NameA!);
        return tensor is { NameA: { } from, NameB: { } to } && from != to ? $"{name} (from {OnnxGrow.Text.Name(from)})" : name;
    }

    private static string Word(TensorChange change) => change switch
    {
        TensorChange.Reshaped => "shape",
        TensorChange.Revalued => "values",
        TensorChange.Added => "added",
        _ => "gone",
    };

    private static string Change(long? a, long? b) => (a, b) switch
    {
        (null, null) => "other",
        (null, _) => "only in B",
        (_, null) => "only in A",
        ({ } x and > 0, { } y) when y > x && y % x == 0 => FormattableString.Invariant($"x{y / x}"),
        ({ } x and > 0, { } y) when y > x => FormattableString.Invariant($"+{Number(y - x)} (x{(double)y / x:0.##})"),
        ({ } x, { } y) => FormattableString.Invariant($"{y - x:+0;-0}"),
    };

    /// <summary>Facts that are no numbers stand with the models' names, not in the table.</summary>
    private static bool IsWords(Fact fact) => Parse(fact.A) is null && Parse(fact.B) is null;

    private static long? Parse(string text) =>
        long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string Number(long number) => OnnxGrow.Text.Number(number);
}
