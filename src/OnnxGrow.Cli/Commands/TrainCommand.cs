using System.CommandLine;
using OnnxGrow.Cli.Help;
using OnnxGrow.Cli.Output;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow train</c>: carries on training a model by a recipe.</summary>
internal static class TrainCommand
{
    public static Command Build()
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX model to train, grown or not." };
        var recipe = new Option<string>("--recipe") { Description = "Data, loss, optimizer, schedule and so on, as YAML or JSON.", Required = true, HelpName = "FILE" };
        var output = new Option<string>("-o", "--output") { Description = "Where the trained model goes; OUTPUT.log.jsonl and OUTPUT.checkpoints lie beside it.", HelpName = "FILE", Required = true };
        var provider = new Option<string>("--provider") { Description = "ONNX Runtime's execution provider: cpu or cuda.", HelpName = "cpu|cuda", DefaultValueFactory = _ => "cpu", CompletionSources = { "cpu", "cuda" } };
        var engine = new Option<string>("--engine") { Description = "What runs the steps: onnxruntime, or torchsharp in builds that have it.", HelpName = "NAME", DefaultValueFactory = _ => "onnxruntime", CompletionSources = { "onnxruntime", "torchsharp" } };
        var state = new Option<string>("--state") { Description = "Optimizer state to begin with: what 'grow --state' wrote, or a checkpoint of another run of this model.", HelpName = "FILE" };
        var resume = new Option<bool>("--resume") { Description = "Carry on from the last checkpoint of the run; on the CPU the loss goes on to the last bit as if it had never stopped." };
        var force = new Option<bool>("--force") { Description = "Begin anew: replace the output, its log and its checkpoints." };
        var command = new ExampledCommand(
            "train",
            """
            Train a model by a recipe. The graph stays as it is; only its weights change.
            Ctrl-C writes a checkpoint; --resume carries on from it, as from a run that was killed.
            Exit codes: 0 trained, 2 bad input or option, 5 the model cannot be trained so, or the loss is no number any more.

            A recipe:
              data: {kind: text, files: [corpus.txt], tokenizer: {kind: bpe, vocabulary: vocab.json, merges: merges.txt}, sequence: 128, batch: 16}
              loss: {kind: causal-lm}
              optimizer: {kind: adamw, lr: 1e-3, betas: [0.9, 0.95], weight_decay: 0.1}
              schedule: {kind: cosine, warmup: 100}
              steps: 2000
              clip: 1.0
              evaluate: {every: 200}
              checkpoint: {every: 200, keep: 3}
            """,
            "onnxgrow train grown.onnx --recipe recipe.yaml -o trained.onnx",
            "onnxgrow train grown.onnx --recipe recipe.yaml -o trained.onnx --resume",
            "onnxgrow train grown.onnx --recipe recipe.yaml -o trained.onnx --state grown.onnx.state.safetensors")
        {
            model, recipe, output, provider, engine, state, resume, force,
        };
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed =>
        {
            var options = new RunOptions
            {
                Model = parsed.GetRequiredValue(model),
                Recipe = parsed.GetRequiredValue(recipe),
                Output = parsed.GetRequiredValue(output),
                Provider = parsed.GetRequiredValue(provider),
                Engine = parsed.GetRequiredValue(engine),
                State = parsed.GetValue(state),
                Resume = parsed.GetValue(resume),
                Force = parsed.GetValue(force),
                Limits = read.Read(parsed),
            };
            using var view = new TrainingView();
            RunResult result = TrainingRun.Run(options, view, Interruption.Token);
            view.Finish(result);
            return (int)ExitCode.Success;
        });
        return command;
    }
}
