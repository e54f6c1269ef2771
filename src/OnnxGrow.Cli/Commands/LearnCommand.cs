using System.CommandLine;
using OnnxGrow.Cli.Help;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow learn</c>: grows a model by operators that are learned from data (LiGO).</summary>
internal static class LearnCommand
{
    public static Command Build()
    {
        var model = new Argument<string>("MODEL") { Description = "The source model." };
        var output = new Option<string>("-o", "--output") { Description = "Where the grown model goes; OUTPUT.log.jsonl is the log of learning.", HelpName = "FILE", Required = true };
        var force = new Option<bool>("--force") { Description = "Replace an existing output." };
        var json = new Option<string>("--json") { Description = "Write what came of it as JSON to a file, or to '-'.", HelpName = "FILE" };
        var grow = new GrowCommand();
        var learn = new LearnOptions();
        var proof = new ProofOptions();
        var read = new ReadOptions();
        var command = new ExampledCommand(
            "learn",
            """
            Grow a model by operators that are learned from its own task (LiGO): a matrix for each width and a mixture for each new
            layer, in 100 steps, the source's weights staying as they are. The result is LOSSY, unless --project is given.

            From --start lossless the first step begins at LEMON's expansion, where the model computes what the source does; where
            learning makes the validation loss worse, that start is what is written. 'train' carries on from the result.

            In the recipe, beside data and loss (100 steps of adamw at 1e-3 if nothing is said):
              learn: {steps: 100, optimizer: {kind: adamw, lr: 1e-3}, schedule: {kind: constant, warmup: 10}}
            """,
            "onnxgrow learn small.onnx --recipe recipe.yaml --hidden 192 --layers 8 -o grown.onnx",
            "onnxgrow learn small.onnx --recipe recipe.yaml --plan plan.yaml --start paper -o grown.onnx",
            "onnxgrow learn small.onnx --recipe recipe.yaml --hidden 192 --project -o lossless.onnx")
        {
            model, output,
        };
        foreach (Option option in grow.What)
        {
            command.Options.Add(option);
        }

        learn.AddTo(command, required: true);
        command.Options.Add(force);
        command.Options.Add(json);
        proof.AddTo(command);
        read.AddTo(command);
        command.SetAction(parsed =>
        {
            learn.Check(parsed, learns: true);
            using var job = GrowthJob.Open(parsed.GetRequiredValue(model), read.Read(parsed), Interruption.Token);
            GrowthPlan plan = grow.WantedPlan("learn", parsed, job.Map, learn.Depth(parsed));
            return learn.Run(parsed, job, plan, parsed.GetRequiredValue(output), parsed.GetValue(force), parsed.GetValue(json), proof, read);
        });
        return command;
    }
}
