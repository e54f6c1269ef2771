using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxGrow.Cli.Output;
using OnnxGrow.Reports.Checks;
using OnnxGrow.Reports.Equivalence;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow verify</c>: whether two models compute the same.</summary>
internal static class VerifyCommand
{
    public static Command Build()
    {
        var a = new Argument<string>("A") { Description = "The first model (the source)." };
        var b = new Argument<string>("B") { Description = "The second model, which should compute the same." };
        var layers = new Option<bool>("--layers") { Description = "Also find the first value inside the graphs where the two part." };
        var json = new Option<string>("--json") { Description = "Write the report as JSON to a file, or to '-'.", HelpName = "FILE" };
        var page = new Option<string>("--report") { Description = "Write a page about the comparison: both models drawn, what each weight came from, errors and verdict. An older one is replaced.", HelpName = "FILE.html" };
        var threads = StoreOptions.Threads();
        var proof = new ProofOptions();
        var checks = new CheckFiles();
        var command = new Command("verify", """
            Compare two models: by certificate (if B was grown from A), in float64, and as they are.
            Exit codes: 0 equivalent, 1 not, 2 bad input or option, 4 nothing could be proved.

            Examples:
              onnxgrow verify models/bert-mini-op17.onnx grown.onnx
              onnxgrow verify a.onnx b.onnx --layers --json report.json
              onnxgrow verify a.onnx b.onnx --report compared.html
              onnxgrow verify a.onnx b.onnx --junit verify.xml --sarif verify.sarif --summary summary.md
            """)
        {
            a, b, layers, json, page, threads,
        };
        checks.AddTo(command);
        proof.AddTo(command);
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed =>
        {
            string source = parsed.GetRequiredValue(a);
            string grown = parsed.GetRequiredValue(b);
            string? path = parsed.GetValue(json);
            SideFile.Check("--json", path, source, grown);
            string? html = parsed.GetValue(page);
            ReportFile.Check("--report", html, force: true, source, grown, path);
            checks.Check(parsed, force: true, source, grown, path, html);
            return checks.Watch(parsed, "verify", source, grown, () =>
            {
                bool inLayers = parsed.GetValue(layers) || html is not null;
                var progress = new WorkProgress();
                EquivalenceReport report;
                using (ProgressLine.Start(progress))
                {
                    report = VerifyJob.Run(
                        source, grown, proof.Read(parsed, progress) with { Layers = inLayers, CertificateThreads = StoreOptions.Threads(parsed, threads) }, read.Read(parsed));
                }

                if (path != "-")
                {
                    ReportView.Print(report);
                }

                if (path is not null)
                {
                    JsonFile.Write(path, JsonNode.Parse(report.ToJson())!.AsObject());
                }

                if (html is not null)
                {
                    ReportFile.Write(html, GrowthReport.OfComparison(source, grown, report, read.Read(parsed)));
                }

                checks.Write(parsed, new CheckRun { Command = "verify", Source = source, Grown = grown, Report = report, Summary = report.Summary, ExitCode = report.ExitCode, Seconds = 0 });
                return Failure.Ends(report.ExitCode, ErrorCode.NotEquivalent, report.Summary);
            });
        });
        return command;
    }
}
