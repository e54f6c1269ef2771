// Growing against copying: how long `onnxgrow grow` takes beside `cp` of its output, and how much memory.
//   dotnet publish -c Release -r linux-x64 src/OnnxGrow.Cli -o /tmp/onnxgrow
//   dotnet run -c Release --project tools/bench/grow -- --onnxgrow /tmp/onnxgrow/onnxgrow --folder /tmp/bench --sizes 0.7,2.7,8
// --python PYTHON adds a PyTorch script that tiles a state dict in memory; --runs N takes the median of N; Linux only.
using System.Globalization;
using OnnxGrow.Bench.Grow;

var options = new Dictionary<string, string>(StringComparer.Ordinal)
{
    ["--onnxgrow"] = "onnxgrow",
    ["--folder"] = Path.Combine(Path.GetTempPath(), "onnxgrow-bench"),
    ["--sizes"] = "0.7",
    ["--threads"] = "1,2",
    ["--runs"] = "3",
    ["--models"] = "models",
};
for (int i = 0; i + 1 < args.Length; i += 2)
{
    options[args[i]] = args[i + 1];
}

string[] sizes = options["--sizes"].Split(',');
int[] threads = [.. options["--threads"].Split(',').Select(t => int.Parse(t, CultureInfo.InvariantCulture))];
int runs = int.Parse(options["--runs"], CultureInfo.InvariantCulture);
Directory.CreateDirectory(options["--folder"]);
Console.WriteLine("| output | threads | what | seconds | ratio to cp | ratio to cp, flushed | CPU seconds | peak MB |");
Console.WriteLine("|---|---|---|---|---|---|---|---|");
foreach (string size in sizes)
{
    var bench = new SizeBench(BenchModel.Of(size), options["--onnxgrow"], options["--folder"], options["--models"], options.GetValueOrDefault("--python"), runs);
    bench.Run(threads);
}
