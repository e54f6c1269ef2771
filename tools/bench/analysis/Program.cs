// How the time of the analysis and of a growth goes with the number of nodes.
//   dotnet run -c Release --project tools/bench/analysis                      1k, 10k and 100k nodes, every style
//   dotnet run -c Release --project tools/bench/analysis -- fused 1000 5000   one style, sizes of one's own
using System.Globalization;
using OnnxGrow.Bench.Analysis;

string[] styles = [.. args.Where(Decoder.Styles.ContainsKey)];
int[] sizes = [.. args.Except(styles).Select(a => int.Parse(a, CultureInfo.InvariantCulture))];
styles = styles.Length > 0 ? styles : [.. Decoder.Styles.Keys];
sizes = sizes.Length > 0 ? sizes : [1000, 10_000, 100_000];
string folder = Directory.CreateTempSubdirectory("onnxgrow-bench-").FullName;
try
{
    Console.WriteLine($"{"style",-11}{"stage",-22}{"nodes",9}{"s",10}{"us/node",10}{"x before",10}");
    foreach (string style in styles)
    {
        var before = new Dictionary<string, double>();
        foreach (int size in sizes)
        {
            string path = Path.Combine(folder, "model.onnx");
            File.WriteAllBytes(path, Decoder.Bytes(Decoder.Styles[style], size));
            Measure.Of(path);
            GC.Collect();
            (int nodes, IReadOnlyList<(string Stage, double Seconds)> stages) = Measure.Of(path);
            foreach ((string stage, double seconds) in stages)
            {
                double each = seconds / nodes * 1e6;
                string ratio = before.TryGetValue(stage, out double last) ? (each / last).ToString("0.00", CultureInfo.InvariantCulture) : "";
                before[stage] = each;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{style,-11}{stage,-22}{nodes,9}{seconds,10:0.000}{each,10:0.0}{ratio,10}"));
            }
        }
    }
}
finally
{
    Directory.Delete(folder, true);
}
