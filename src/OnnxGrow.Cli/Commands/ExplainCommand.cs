using System.CommandLine;
using OnnxGrow.Analysis;
using OnnxGrow.Cli.Help;
using OnnxGrow.Cli.Output;
using OnnxGrow.Explain;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow explain</c>: what one tensor is, what ties its axes to the model's dimensions, and what a plan does to it.</summary>
internal sealed class ExplainCommand
{
    private readonly Argument<string> _model = new("MODEL") { Description = "The ONNX model." };
    private readonly Argument<string> _tensor = new("TENSOR") { Description = "A weight, an input, or a value that a node makes; with a plan also one that the plan adds." };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON instead of text." };
    private readonly Option<bool> _all = new("--all") { Description = "Print long chains whole." };
    private readonly GrowCommand _grow = new();
    private readonly ReadOptions _read = new();

    public static Command Build() => new ExplainCommand().Create();

    private ExampledCommand Create()
    {
        var command = new ExampledCommand(
            "explain",
            """
            Show what a tensor's axes are, what ties them to the model's dimensions, and what a growth does to it.
            """,
            "onnxgrow explain models/gpt2-mini-op17.onnx transformer.h.0.attn.c_attn.weight",
            "onnxgrow explain models/gpt2-mini-op17.onnx transformer.h.0.attn.c_attn.weight --hidden 64",
            "onnxgrow explain models/bert-mini-op17.onnx bert.embeddings.LayerNorm.weight --hidden 64")
        {
            _model, _tensor, _json, _all,
        };
        foreach (Option option in _grow.What)
        {
            option.Description ??= "Method of growth; 'onnxgrow grow --help' tells them.";
            command.Add(option);
        }

        _read.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string name = parsed.GetRequiredValue(_tensor);
        bool all = parsed.GetValue(_all);
        using var job = GrowthJob.Open(parsed.GetRequiredValue(_model), _read.Read(parsed));
        try
        {
            GrowthPlan plan = _grow.PlanOf(parsed, job.Map);
            if (plan.IsEmpty)
            {
                Show(parsed, job, new TensorExplainer(job.Map).Explain(name), null, null, all);
                return (int)ExitCode.Success;
            }

            using var explainer = new PlanExplainer(job.Map, job.Bind(plan));
            Show(parsed, job, explainer.Tensor(name), explainer.Growth(name), null, all);
            return (int)ExitCode.Success;
        }
        catch (CannotGrowException refusal)
        {
            // The tensor may be one that the refused growth would have added; any other has to be there.
            Value? value = job.Map.Graph.Find(name);
            bool added = value is null && name.Contains("_grown", StringComparison.Ordinal);
            TensorExplanation? tensor = added ? null : new TensorExplainer(job.Map).Explain(name);
            Show(parsed, job, tensor, null, RefusalExplainer.Explain(job.Map, value, refusal), all);
            throw;
        }
    }

    private void Show(ParseResult parsed, GrowthJob job, TensorExplanation? tensor, GrowthExplanation? growth, RefusalExplanation? refusal, bool all)
    {
        if (parsed.GetValue(_json))
        {
            JsonFile.Write("-", ExplainJson.Of(job.SourcePath, tensor, growth, refusal));
            return;
        }

        if (tensor is not null)
        {
            ExplainView.Print(tensor, all);
        }

        if (growth is not null)
        {
            GrowthView.Print(growth);
        }

        if (refusal is not null)
        {
            GrowthView.Print(refusal, all);
        }
    }
}
