using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxGrow.Training.Trainability;
using Spectre.Console;

namespace OnnxGrow.Cli.Output;

/// <summary>A report of what can learn, for a person and for a machine.</summary>
internal static class TrainabilityView
{
    private const string Schema = "onnxgrow.trainable/1";

    public static void Print(string file, TrainabilityReport report)
    {
        TrainabilityFinding[] shown = [.. report.Findings.Where(f => f.Problem != TrainabilityProblem.WithoutEffect)];
        if (shown.Length > 0)
        {
            Table table = Terminal.Table("weight", "along", ">entries", "what");
            foreach (TrainabilityFinding finding in shown.OrderByDescending(f => f.IsFault))
            {
                table.Row(
                    OnnxGrow.Text.Name(finding.Weight),
                    finding.Axis is { } axis ? string.Create(CultureInfo.InvariantCulture, $"axis {axis}{(finding.Dimension is { } d ? $" ({OnnxGrow.Text.Name(d)})" : "")}") : "all of it",
                    finding.Axis is null ? OnnxGrow.Text.Number(finding.Extent) : $"{OnnxGrow.Text.Number(finding.Indices.Length)} of {OnnxGrow.Text.Number(finding.Extent)}",
                    What(finding));
            }

            Terminal.Write(table);
        }

        int without = report.Findings.Where(f => f.Problem == TrainabilityProblem.WithoutEffect).Select(f => f.Weight).Distinct().Count();
        if (without > 0)
        {
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"of {without} weights some or all entries have no effect here at any values (--json lists them); growth has no part in that"));
        }

        int faults = report.Findings.Count(f => f.IsFault);
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{OnnxGrow.Text.Name(file)}: {report.Weights} weights on {report.Batches} batches and after {report.Steps} steps: {(report.IsTrainable ? "all that can learn does" : $"{faults} findings of what will never learn")}"));
    }

    public static JsonObject ToJson(string file, TrainabilityReport report) => new()
    {
        ["schema"] = Schema,
        ["model"] = file,
        ["trainable"] = report.IsTrainable,
        ["weights"] = report.Weights,
        ["batches"] = report.Batches,
        ["steps"] = report.Steps,
        ["findings"] = new JsonArray([.. report.Findings.Select(f => new JsonObject
        {
            ["weight"] = f.Weight,
            ["problem"] = f.Problem.ToString(),
            ["fault"] = f.IsFault,
            ["axis"] = f.Axis,
            ["dimension"] = f.Dimension,
            ["extent"] = f.Extent,
            ["indices"] = Numbers(f.Indices),
            ["like"] = Numbers(f.Like),
        })]),
    };

    private static JsonArray Numbers(ImmutableArray<int> numbers) => new([.. numbers.Select(n => (JsonNode)n)]);

    private static string What(TrainabilityFinding finding) => finding.Problem switch
    {
        TrainabilityProblem.ZeroAtFirst => "no gradient at the first step only",
        TrainabilityProblem.ZeroForEver => "no gradient at any step: both factors of a product are zero (growth-math 5.4)",
        TrainabilityProblem.StayEqual => string.Create(CultureInfo.InvariantCulture, $"copies that stay equal, such as {finding.Indices[0]} and {finding.Like[0]} (growth-math 5.1)"),
        _ => "no effect here",
    };
}
