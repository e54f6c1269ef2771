using System.CommandLine;
using OnnxGrow.Cli.Help;
using OnnxGrow.Cli.Output;
using OnnxGrow.Reports.Runs;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow report</c>: a page about training runs.</summary>
internal static class ReportCommand
{
    public static Command Build()
    {
        var runs = new Argument<string[]>("RUN") { Description = "Outputs of 'train' (OUT.onnx), or their logs (OUT.onnx.log.jsonl); a run may still be going on.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("-o", "--output") { Description = "Where the page goes.", HelpName = "FILE", DefaultValueFactory = _ => "report.html" };
        var title = new Option<string>("--title") { Description = "The title of the page.", HelpName = "TEXT" };
        var force = new Option<bool>("--force") { Description = "Replace a page that is there." };
        var command = new ExampledCommand(
            "report",
            """
            Write one HTML page about training runs: loss, schedule and gradients over steps, FLOPs, time and entries, several runs
            compared, what the models were grown from, drawings of source and grown model, and the recipes.
            The page is one file, and needs no network.
            Exit codes: 0 written, 2 bad input or option.
            """,
            "onnxgrow report trained.onnx",
            "onnxgrow report grown.onnx scratch.onnx -o compared.html --title \"Grown against from scratch\"")
        {
            runs, output, title, force,
        };
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed =>
        {
            string[] given = parsed.GetRequiredValue(runs);
            string page = parsed.GetRequiredValue(output);
            ReportFile.Check("-o", page, parsed.GetValue(force), [.. given.SelectMany(r => new[] { r, r + ".log.jsonl", r + ".run.json" })]);
            ReportFile.Write(page, RunReport.Of(given, parsed.GetValue(title), read.Read(parsed), Interruption.Token));
            Terminal.Line($"{OnnxGrow.Text.Name(page)}: written");
            return (int)ExitCode.Success;
        });
        return command;
    }
}
