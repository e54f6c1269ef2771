// How the time of the analysis and of a growth goes with the number of nodes. Processor time is what the ratios are of: it
// does not depend on what else the machine does.
//   dotnet run -c Release --project tools/bench/analysis                      1k, 10k and 100k nodes, every style
//   dotnet run -c Release --project tools/bench/analysis -- fused 1000 5000   one style, sizes of one's own
//   dotnet run -c Release --project tools/bench/analysis -- large model.onnx  writes a model of 8 GB (of holes) for 'inspect'
using System.Globalization;
using OnnxGrow.Bench.Analysis;

if (args is ["large", var large])
{
    LargeModel.Write(large);
    return;
}

string[] styles = [.. args.Where(Decoder.Styles.ContainsKey)];
int[] sizes = [.. args.Except(styles).Select(a => int.Parse(a, CultureInfo.InvariantCulture))];
styles = styles.Length > 0 ? styles : [.. Decoder.Styles.Keys];
sizes = sizes.Length > 0 ? sizes : [1000, 10_000, 100_000];
string folder = Directory.CreateTempSubdirectory("onnxgrow-bench-").FullName;
try
{
    Console.WriteLine($"{"style",-11}{"stage",-22}{"nodes",9}{"s",10}{"cpu s",10}{"cpu us/node",13}{"x before",10}");
    foreach (string style in styles)
    {
        // The first model makes the code ready; it is not counted.
        string path = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(path, Decoder.Bytes(Decoder.Styles[style], 1000));
        for (int i = 0; i < 5; i++)
        {
            Measure.Of(path);
        }

        var before = new Dictionary<string, double>();
        foreach (int size in sizes)
        {
            File.WriteAllBytes(path, Decoder.Bytes(Decoder.Styles[style], size));
            (int nodes, IReadOnlyList<(string Stage, double Seconds, double Cpu)> stages) = Measure.Of(path);
            foreach ((string stage, double seconds, double cpu) in stages)
            {
                double each = cpu / nodes * 1e6;
                string ratio = before.TryGetValue(stage, out double last) ? (each / last).ToString("0.00", CultureInfo.InvariantCulture) : "";
                before[stage] = each;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{style,-11}{stage,-22}{nodes,9}{seconds,10:0.000}{cpu,10:0.000}{each,13:0.0}{ratio,10}"));
            }
        }
    }
}
finally
{
    Directory.Delete(folder, true);
}
