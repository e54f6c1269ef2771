using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OnnxGrow.Bench.Train;

// Our training step on ONNX Runtime beside PyTorch in eager mode: the same model through its exporter, the same batches, the
// same optimizer, one after the other in one run. Debian's PyTorch multiplies matrices with OpenBLAS, whose threads are its own:
// both kinds are told the number, and with several threads PyTorch has the better of two settings (its own threads, which then
// wait without spinning, or OpenBLAS's alone).
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["child", var childFolder, var childSteps, var childThreads])
{
    Child.Run(childFolder, int.Parse(childSteps), int.Parse(childThreads));
    return 0;
}

var options = args.Chunk(2).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
string python = options.GetValueOrDefault("--python", "python3");
string[] models = options.GetValueOrDefault("--models", "bert,gpt2,vit").Split(',');
int steps = int.Parse(options.GetValueOrDefault("--steps", "50"));
int batch = int.Parse(options.GetValueOrDefault("--batch", "8"));
int runs = int.Parse(options.GetValueOrDefault("--runs", "1"));
Console.WriteLine("| model | parameters | threads | PyTorch eager, ms a step | OnnxGrow, ms a step | ratio | peak MB, PyTorch | peak MB, OnnxGrow | losses apart, at most |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
foreach (string model in models)
{
    foreach (int threads in options.GetValueOrDefault("--threads", "1,2").Split(',').Select(int.Parse))
    {
        var eagers = new List<Outcome>();
        var ours = new List<Outcome>();
        for (int run = 0; run < runs; run++)
        {
            string folder = Directory.CreateTempSubdirectory("onnxgrow-bench-").FullName;
            try
            {
                var tried = new List<Outcome>();
                foreach (int torch in new[] { 1, threads }.Distinct())
                {
                    Start(python, threads, Path.Combine(AppContext.BaseDirectory, "eager.py"), model, folder, "--steps", $"{steps}", "--batch", $"{batch}", "--threads", $"{torch}");
                    tried.Add(Outcome.Read(Path.Combine(folder, "eager.json")));
                }

                Start(Environment.ProcessPath!, threads, [.. Own(), "child", folder, $"{steps}", $"{threads}"]);
                eagers.Add(tried.MinBy(t => Median(t.Seconds))!);
                ours.Add(Outcome.Read(Path.Combine(folder, "ours.json")));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        double apart = eagers.Zip(ours).Max(p => p.First.Losses.Zip(p.Second.Losses, (a, b) => Math.Abs(a - b) / Math.Abs(a)).Max());
        double eager = Median([.. eagers.Select(e => Median(e.Seconds))]), own = Median([.. ours.Select(e => Median(e.Seconds))]);
        Console.WriteLine($"| {model} | {eagers[0].Parameters:N0} | {threads} | {1000 * eager:0.0} | {1000 * own:0.0} | {own / eager:0.00} | {eagers.Max(e => e.PeakMegabytes):0} | {ours.Max(e => e.PeakMegabytes):0} | {apart:0.0e+0} |");
    }
}

return 0;

static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

static string[] Own() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Child).Assembly.Location] : [];

static void Start(string program, int threads, params string[] arguments)
{
    var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
    start.Environment["OPENBLAS_NUM_THREADS"] = $"{threads}";
    start.Environment["OMP_WAIT_POLICY"] = "passive";
    using Process process = Process.Start(start)!;
    Task<string> output = process.StandardOutput.ReadToEndAsync();
    string error = process.StandardError.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output.Result}{error}");
    }
}

/// <summary>What one trainer did.</summary>
internal sealed record Outcome(double[] Losses, double[] Seconds, double PeakMegabytes, long Parameters)
{
    public static Outcome Read(string path)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement root = json.RootElement;
        double[] Numbers(string name) => [.. root.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];
        return new Outcome(Numbers("losses"), Numbers("seconds"), root.GetProperty("peak_mb").GetDouble(), root.GetProperty("parameters").GetInt64());
    }
}
