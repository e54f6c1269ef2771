// Makes the README's table of what holds: every model under models/ by every growth, each proved on all three levels.
//   dotnet run -c Release --project tools/matrix             prints it
//   dotnet run -c Release --project tools/matrix -- --write  puts it into README.md
using System.Globalization;
using System.Text;
using OnnxGrow;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.Testing;

const string Begin = "<!-- matrix:begin -->";
const string End = "<!-- matrix:end -->";

var table = new StringBuilder();
table.Append("Measured by `dotnet run -c Release --project tools/matrix -- --write` with ONNX Runtime ").Append(OrtSession.RuntimeVersion)
    .Append(" on a two-core CPU, ").Append(DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Append(". Each cell: class, witness (worst relative error in\nfloat64; at most 1e-12) and as shipped (worst relative error in float32; at most 1e-5 x layers). The certificate holds in every cell.\n\n");
table.Append("| model |").AppendJoin(" |", GrowthCases.All.Select(c => " " + c.Name)).Append(" |\n|---|").AppendJoin("|", GrowthCases.All.Select(_ => "---")).Append("|\n");
bool allHold = true;
using (var folder = new TemporaryFolder())
{
    foreach (string path in Repository.Models)
    {
        table.Append("| ").Append(Path.GetFileNameWithoutExtension(path)).Append(" |");
        using var job = GrowthJob.Open(path);
        foreach ((string name, GrowthRequest request) in GrowthCases.All)
        {
            string cell = Cell(job, request, folder.File("grown.onnx"), out bool holds);
            allHold &= holds;
            Console.Error.WriteLine($"{Path.GetFileName(path)}, {name}: {cell}");
            table.Append(' ').Append(cell).Append(" |");
        }

        table.Append('\n');
    }
}
Console.Write(table);
if (args.Contains("--write"))
{
    string readme = Path.Combine(Repository.Root, "README.md");
    string text = File.ReadAllText(readme);
    int from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
    int to = text.IndexOf(End, StringComparison.Ordinal);
    File.WriteAllText(readme, string.Concat(text.AsSpan(0, from), "\n", table.ToString(), text.AsSpan(to)));
}

return allHold ? 0 : 1;

static string Cell(GrowthJob job, GrowthRequest request, string output, out bool holds)
{
    try
    {
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(Planner.Plan(job.Map, request)));
        grown.Model.Save(output);
        EquivalenceReport report = job.Prove(grown, output, new EquivalenceOptions());
        holds = report.Verdict == Verdict.Equivalent && report.Certificate is { Ran: true, Passed: true } && report.Witness?.Verdict == Verdict.Equivalent;
        return holds
            ? string.Create(CultureInfo.InvariantCulture, $"{Growability.Letter(grown.Exactness)}, {report.Witness!.RequiredTolerance:0e+0}, {report.AsShipped!.RequiredTolerance:0e+0}")
            : "**fails**: " + report.Summary;
    }
    catch (CannotGrowException e)
    {
        // A refusal is right where the mathematics says so: Post-LN with a width that is no multiple.
        holds = e.Message.Contains("not lossless for Post-LayerNorm", StringComparison.Ordinal);
        return holds ? "not lossless (Post-LN)" : "**refused**: " + e.Message;
    }
}
