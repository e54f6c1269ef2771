using System.Text.Json.Nodes;
using OnnxGrow.Runtime.Jobs;

namespace OnnxGrow.Cli.Output;

/// <summary>What came of shrinking, for a person and for a machine.</summary>
internal static class ShrinkView
{
    public static void Print(ShrinkResult result)
    {
        if (result.Report is { } report)
        {
            ReportView.Print(report);
        }
        else
        {
            Terminal.Line($"certificate  {(result.Certificate.Passed ? "holds" : "FAILED")}: {result.Certificate.Text}");
        }

        Terminal.Line(FormattableString.Invariant(
            $"{result.Inverted} tensors read back from grown ones, {result.Unchanged} taken as they are"));
        Terminal.Line($"{Text.Name(result.Output)}: {(result.Written ? "written" : "NOT written")}, {result.Verdict}");
        if (!result.Written && result.Outcome == ShrinkOutcome.Changed)
        {
            Terminal.Line("Give --force to write it all the same.");
        }
    }

    public static JsonObject ToJson(string grown, ShrinkResult result) => new()
    {
        ["schema"] = "onnxgrow.shrink/1",
        ["grown"] = grown,
        ["output"] = result.Output,
        ["written"] = result.Written,
        ["outcome"] = result.Outcome.ToString(),
        ["verdict"] = result.Verdict,
        ["inverted"] = result.Inverted,
        ["unchanged"] = result.Unchanged,
        ["rounded"] = result.Rounded,
        ["changed"] = new JsonArray([.. result.Changed.Select(n => JsonValue.Create(n))]),
        ["certificate"] = new JsonObject { ["passed"] = result.Certificate.Passed, ["text"] = result.Certificate.Text },
        ["report"] = result.Report is null ? null : JsonNode.Parse(result.Report.ToJson()),
    };
}
