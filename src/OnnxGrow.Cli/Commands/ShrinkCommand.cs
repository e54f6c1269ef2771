using System.CommandLine;
using OnnxGrow.Cli.Output;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Jobs;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow shrink</c>: the source of a grown model, from the grown model alone.</summary>
internal static class ShrinkCommand
{
    public static Command Build()
    {
        var grown = new Argument<string>("GROWN") { Description = "A model that 'grow' wrote." };
        var output = new Option<string>("-o", "--output") { Description = "Where the recovered source goes.", Required = true };
        var noVerify = new Option<bool>("--no-verify") { Description = "Leave out running the two models against each other; checksums and certificate are checked all the same." };
        var force = new Option<bool>("--force") { Description = "Replace an existing output; write the result even where the grown model was changed since, so that it is not the source." };
        var json = new Option<string>("--json") { Description = "Write the report as JSON to a file, or to '-'.", HelpName = "FILE" };
        var proof = new ProofOptions();
        var command = new Command("shrink", """
            Recover the source from a grown model, by the inverse of every rule, and check that it is the source.
            A grown model that was trained since gives what its first copies and sums of shares say; that is written with --force only.
            Exit codes: 0 recovered (or written by --force), 1 not the source or not equivalent, 2 bad input or option,
            3 grown by a lossy method, 4 nothing could be proved.

            Examples:
              onnxgrow shrink grown.onnx -o small.onnx
              onnxgrow shrink trained.onnx -o projected.onnx --force --json report.json
            """)
        {
            grown, output, noVerify, force, json,
        };
        proof.AddTo(command);
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed =>
        {
            string? path = parsed.GetValue(json);
            SideFile.Check("--json", path, parsed.GetRequiredValue(grown), parsed.GetRequiredValue(output));
            var progress = new WorkProgress();
            EquivalenceOptions options = proof.Read(parsed, progress);
            ShrinkResult result;
            using (ProgressLine.Start(progress))
            {
                result = ShrinkJob.Run(
                    parsed.GetRequiredValue(grown),
                    parsed.GetRequiredValue(output),
                    parsed.GetValue(force),
                    parsed.GetValue(noVerify) ? null : options,
                    progress,
                    read.Read(parsed),
                    Interruption.Token);
            }

            if (path != "-")
            {
                ShrinkView.Print(result);
            }

            if (path is not null)
            {
                JsonFile.Write(path, ShrinkView.ToJson(parsed.GetRequiredValue(grown), result));
            }

            return Failure.Ends(result.ExitCode, ErrorCode.NotEquivalent, result.Verdict);
        });
        return command;
    }
}
