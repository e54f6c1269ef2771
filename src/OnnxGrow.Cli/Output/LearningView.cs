using System.Globalization;
using System.Text.Json.Nodes;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Training.Ligo;

namespace OnnxGrow.Cli.Output;

/// <summary>What came of learning growth operators.</summary>
internal static class LearningView
{
    public static void Print(LigoResult result, LigoOptions options, GrowthResult? projected)
    {
        string name = OnnxGrow.Text.Name(result.Output);
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"learned {result.Learned:N0} numbers in {result.Operators} operators for {result.Weights} weights: {result.Steps} steps in {result.Seconds:F0} s"));
        if (result is { LossBefore: { } before, LossLearned: { } learned })
        {
            string start = options.Start == LigoStart.Lossless ? "the source's own" : "the start's";
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"validation loss {before:F5} before ({start}), {learned:F5} after"));
            if (result.KeptStart)
            {
                Terminal.Line("learning has made it worse, so the start was written; a lower rate under 'learn' in the recipe helps most often");
            }
        }
        else
        {
            Terminal.Line("the recipe has no validation data, so that nothing is known of the loss");
        }

        Terminal.Line($"{name}: lossy by design (ligo)");
        if (projected is not null)
        {
            Terminal.Line($"{OnnxGrow.Text.Name(projected.Output)}: the nearest lossless weights; {projected.Verdict}");
        }
    }

    public static JsonObject ToJson(LigoResult result, LigoOptions options, GrowthResult? projected, string output) => new()
    {
        ["schema"] = "onnxgrow.learn/1",
        ["output"] = output,
        ["learned"] = result.Output,
        ["tying"] = options.Tying.ToString().ToLowerInvariant(),
        ["start"] = options.Start.ToString().ToLowerInvariant(),
        ["steps"] = result.Steps,
        ["operators"] = result.Operators,
        ["numbers"] = result.Learned,
        ["weights"] = result.Weights,
        ["loss_before"] = result.LossBefore,
        ["loss_learned"] = result.LossLearned,
        ["loss_after"] = result.LossAfter,
        ["kept_start"] = result.KeptStart,
        ["seconds"] = result.Seconds,
        ["projected"] = projected is null ? null : new JsonObject { ["verdict"] = projected.Verdict, ["written"] = projected.Written },
    };
}
