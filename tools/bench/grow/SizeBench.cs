using System.Globalization;

namespace OnnxGrow.Bench.Grow;

/// <summary>All measurements at one size, one after the other in one run.</summary>
internal sealed class SizeBench(BenchModel model, string onnxgrow, string folder, string models, string? python, int runs)
{
    private string Source => Path.Combine(folder, $"source-{model.Name}.onnx");

    private string Grown => Path.Combine(folder, "grown.onnx");

    private static readonly (string Method, string What)[] Methods =
    [
        ("hypercloning", "grow, copies (hypercloning)"),
        ("net2net", "grow, random shares (net2net)"),
        ("lemon", "grow, random shares (lemon)"),
    ];

    public void Run(int[] threads)
    {
        if (!File.Exists(Source))
        {
            Measured.Of(onnxgrow, ["grow", Path.Combine(models, "gpt2-mini-op17.onnx"), "-o", Source, .. model.Making]);
        }

        // Everything is read from memory, so that the disk is asked for the same in all of it: to take the output.
        Grow("hypercloning", threads[^1], "--no-verify");
        Read(Source, Grown);
        (Measured copy, Measured flushed) = (Best(Copy), Best(CopyFlushed));
        Line("-", "cp", copy, copy, flushed);
        Line("-", "cp, flushed", flushed, copy, flushed);
        foreach (int count in threads)
        {
            foreach ((string method, string what) in Methods)
            {
                Line(count, what, Best(() => Grow(method, count, "--no-verify")), copy, flushed);
            }

            Line(count, "grow and certificate (lemon)", Best(() => Grow("lemon", count, "--proof", "certificate")), copy, flushed);
            Measured read = Best(() => Read(Source, Grown));
            Measured check = Best(() => Measured.Of(onnxgrow, "verify", Source, Grown, "--proof", "certificate", "--threads", $"{count}"));
            Line(count, string.Create(CultureInfo.InvariantCulture, $"certificate alone (reading both files: {read.Seconds:0.00} s, {check.Seconds / read.Seconds:0.0} x)"), check, copy, flushed);
        }

        if (python is not null)
        {
            string state = Path.Combine(folder, $"state-{model.Name}.pt");
            string tiled = Path.Combine(folder, "tiled.pt");
            string script = Path.Combine(AppContext.BaseDirectory, "tile.py");
            Measured.Of(python, script, "make", state, $"{model.Hidden}", $"{model.Layers}", $"{model.Vocabulary}");
            Line("-", "PyTorch: load, tile, save", Best(() => Measured.Of(python, script, "tile", state, tiled)), copy, flushed);
            File.Delete(state);
            File.Delete(tiled);
        }

        Delete("grown.onnx*");
    }

    private Measured Grow(string method, int count, params string[] proof)
    {
        Delete("grown.onnx*");
        return Measured.Of(onnxgrow, ["grow", Source, "--hidden", $"{2 * model.Hidden}", "--method", method, "--threads", $"{count}", "--external", "-o", Grown, .. proof]);
    }

    private Measured Copy()
    {
        Delete("copy*");
        Measured copied = Measured.Of("cp", Grown + ".data", Path.Combine(folder, "copy.data"));
        Delete("copy*");
        return copied;
    }

    private Measured CopyFlushed()
    {
        Delete("copy*");
        string copy = Path.Combine(folder, "copy.data");
        Measured copied = Measured.Of("cp", Grown + ".data", copy);
        Measured flush = Measured.Of("sync", copy);
        Delete("copy*");
        return new Measured(copied.Seconds + flush.Seconds, copied.CpuSeconds + flush.CpuSeconds, copied.PeakMegabytes);
    }

    private static Measured Read(params string[] files) =>
        Measured.Of("sh", ["-c", "cat \"$@\" > /dev/null", "cat", .. files.SelectMany(f => new[] { f, f + ".data" })]);

    private Measured Best(Func<Measured> run) => Measured.Median([.. Enumerable.Range(0, runs).Select(_ => run())]);

    private void Delete(string pattern)
    {
        foreach (string file in Directory.GetFiles(folder, pattern))
        {
            File.Delete(file);
        }
    }

    private void Line(object count, string what, Measured m, Measured copy, Measured flushed) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {model.Name} GB | {count} | {what} | {m.Seconds:0.00} | {m.Seconds / copy.Seconds:0.0} | {m.Seconds / flushed.Seconds:0.0} | {m.CpuSeconds:0.0} | {m.PeakMegabytes:0} |"));
}
