using System.Globalization;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using Spectre.Console;

namespace OnnxGrow.Cli.Output;

/// <summary>An equivalence report for a person.</summary>
internal static class ReportView
{
    public static void Print(GrowthResult result)
    {
        if (result.Report is { } report)
        {
            Print(report);
        }

        Terminal.Line(result.Written
            ? $"{OnnxGrow.Text.Name(result.Output)}: written, {result.Verdict}"
            : $"{OnnxGrow.Text.Name(result.Output)}: NOT written, {result.Verdict}");
    }

    public static void Print(EquivalenceReport report)
    {
        Terminal.Line();
        if (report.Certificate is { } certificate)
        {
            Terminal.Line($"certificate  {(certificate.Ran ? certificate.Passed ? "holds" : "FAILED" : "not run")}: {certificate.Text}");
        }

        Print("witness", report.Witness);
        Print("as shipped", report.AsShipped);
        Outputs(report);
        if (report.Layers is { } layers)
        {
            Terminal.Line($"layers       {layers.Text}");
        }

        Terminal.Line(report.Summary);
    }

    private static void Print(string name, LevelReport? level)
    {
        if (level is null)
        {
            return;
        }

        string figures = level.RequiredTolerance is { } required
            ? string.Create(CultureInfo.InvariantCulture, $"worst relative error {required:0.0e+0}, tolerance {level.Tolerance:0.0e+0}, {level.Cases.Count} cases, {level.Provider}, weights {level.Weights}")
            : level.Reason ?? "";
        Terminal.Line($"{name,-12} {Word(level.Verdict)}: {figures}");
    }

    private static void Outputs(EquivalenceReport report)
    {
        if (report.AsShipped is not { Outputs.Count: > 0 } level)
        {
            return;
        }

        Table table = Terminal.Table("output (as shipped)", ">max abs", ">max rel", ">max ULP", ">cosine", ">arg-max", ">passes at", "worst case");
        foreach (OutputReport output in level.Outputs)
        {
            TensorComparison worst = output.Worst;
            table.Row(
                OnnxGrow.Text.Name(output.Name),
                worst.Mismatch ?? Number(output.MaxAbsolute),
                Number(worst.MaxRelative),
                output.MaxUlp.ToString(CultureInfo.InvariantCulture),
                worst.Cosine?.ToString("0.########", CultureInfo.InvariantCulture) ?? "-",
                output.ArgMaxAgreement?.ToString("P1", CultureInfo.InvariantCulture) ?? "-",
                worst.RequiredTolerance is { } t ? Number(t) : "never",
                output.WorstCase);
        }

        Terminal.Write(table);
        foreach (InputMeaning input in report.Inputs)
        {
            string rows = input.Kind == InputKind.Index ? string.Create(CultureInfo.InvariantCulture, $", {input.RowsUsed} of {input.Rows} rows used") : "";
            Terminal.Line($"input {OnnxGrow.Text.Name(input.Name)}: {Meaning(input.Kind)}{rows}");
        }
    }

    private static string Meaning(InputKind kind) => kind switch
    {
        InputKind.Index => "indices of a table",
        InputKind.Position => "positions, counted up",
        InputKind.Mask => "a mask of zeros and ones",
        _ => "any numbers",
    };

    private static string Number(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Equivalent => "agrees",
        Verdict.NotEquivalent => "DIFFERS",
        _ => "not run",
    };
}
