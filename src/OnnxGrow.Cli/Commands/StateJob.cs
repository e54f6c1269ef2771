using System.Globalization;
using System.Text.Json.Nodes;
using OnnxGrow.Cli.Output;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;
using OnnxGrow.Training.States;

namespace OnnxGrow.Cli.Commands;

/// <summary>A state that grows along with its model.</summary>
internal sealed class StateJob(OptimizerState state, string path) : IDisposable
{
    /// <summary>Writes the grown state, and says so.</summary>
    public void Write(GrownModel grown, SaveOptions save, bool quiet, JsonObject json)
    {
        GrownStateSummary summary = StateGrowth.Write(grown, state, path, save with { Progress = null });
        json["state"] = new JsonObject { ["path"] = summary.Path, ["step"] = summary.Step, ["grown"] = summary.Grown, ["new"] = summary.New };
        if (!quiet)
        {
            string added = summary.New > 0 ? string.Create(CultureInfo.InvariantCulture, $", {summary.New} of new weights, which count their steps from here") : "";
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{OnnxGrow.Text.Name(summary.Path)}: state at step {summary.Step}, {summary.Grown} tensors grown{added}"));
        }
    }

    public void Dispose() => state.Dispose();
}
