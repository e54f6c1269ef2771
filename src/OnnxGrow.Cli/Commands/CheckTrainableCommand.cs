using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxGrow.Cli.Output;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Trainability;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow check-trainable</c>: whether all of a model can learn.</summary>
internal static class CheckTrainableCommand
{
    public static Command Build()
    {
        var model = new Argument<string>("MODEL") { Description = "The model." };
        var batches = new Option<int>("--batches") { Description = "On how many random batches.", HelpName = "N", DefaultValueFactory = _ => 3 };
        var steps = new Option<int>("--steps") { Description = "After how many steps of Adam a gradient of zero counts as one for ever.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the batches.", HelpName = "N", DefaultValueFactory = _ => 1UL };
        var json = new Option<string>("--json") { Description = "Write the report as JSON to a file, or to '-'.", HelpName = "FILE" };
        var command = new Command("check-trainable", """
            Tell what in a model will never learn: weights whose gradient is zero at every step (both factors of a product are
            zero), and copies that stay equal (equal weights with equal gradients). Gradients are exact (float64), on random
            batches, at the start and after each of a few steps. What has no gradient at the first step only is a note.
            Exit codes: 0 all that can learn does, 1 some will never, 2 bad input or option, 5 something has no gradient.

            Examples:
              onnxgrow check-trainable grown.onnx
              onnxgrow check-trainable grown.onnx --steps 4 --json report.json
            """)
        {
            model, batches, steps, seed, json,
        };
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed =>
        {
            string? path = parsed.GetValue(json);
            string file = parsed.GetRequiredValue(model);
            SideFile.Check("--json", path, file);
            int count = parsed.GetValue(batches);
            int after = parsed.GetValue(steps);
            if (count < 1 || after < 0)
            {
                throw new BadInputException(ErrorCode.Option, "--batches is a number from 1, --steps one from 0");
            }

            using OnnxModel opened = OnnxModel.Open(file, read.Read(parsed));
            TrainabilityReport report = TrainabilityCheck.Run(opened, count, after, parsed.GetValue(seed), Interruption.Token);
            if (path != "-")
            {
                TrainabilityView.Print(file, report);
            }

            if (path is not null)
            {
                JsonFile.Write(path, TrainabilityView.ToJson(file, report));
            }

            return Failure.Ends(report.ExitCode, ErrorCode.NeverLearns, $"{OnnxGrow.Text.Name(file)}: parts of the model will never learn");
        });
        return command;
    }

    /// <summary>Checks a model that another command has written.</summary>
    public static int Check(string file, ReadLimits limits, bool quiet, JsonObject json)
    {
        using OnnxModel opened = OnnxModel.Open(file, limits);
        TrainabilityReport report = TrainabilityCheck.Run(opened, cancellation: Interruption.Token);
        json["trainable"] = TrainabilityView.ToJson(file, report);
        if (!quiet)
        {
            TrainabilityView.Print(file, report);
        }

        return Failure.Ends(report.ExitCode, ErrorCode.NeverLearns, $"{OnnxGrow.Text.Name(file)}: parts of the model will never learn");
    }
}
