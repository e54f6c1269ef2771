// Tries every growth on every model, proves each on all three levels, and writes docs/coverage.md.
//   dotnet run -c Release --project tools/coverage                    all models; takes a quarter of an hour
//   dotnet run -c Release --project tools/coverage -- llama gemma     those whose file name contains a word, printed only
using OnnxGrow.Coverage;
using OnnxGrow.TestSupport;

string[] models = [.. Repository.AllModels.Where(m => args.Length == 0 || args.Any(a => Path.GetFileName(m).Contains(a, StringComparison.Ordinal)))];
var rows = new CoverageRow[models.Length];
Parallel.For(0, models.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
{
    rows[i] = CoverageRow.Of(models[i]);
    Console.Error.WriteLine(rows[i].ToText());
});
if (args.Length == 0)
{
    File.WriteAllText(Path.Combine(Repository.Root, "docs", "coverage.md"), CoveragePage.Of(rows));
}

return rows.SelectMany(r => r.Cells).Any(c => c.Kind == CellKind.Fails) ? 1 : 0;
