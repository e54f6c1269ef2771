using System.Diagnostics;
using System.Globalization;

namespace OnnxGrow.Bench.Grow;

/// <summary>How a process went.</summary>
/// <param name="Seconds">By the clock.</param>
/// <param name="CpuSeconds">Of all its threads.</param>
/// <param name="PeakMegabytes">Of resident memory, in 10^6 bytes.</param>
internal readonly record struct Measured(double Seconds, double CpuSeconds, double PeakMegabytes)
{
    /// <summary>Runs a program to its end.</summary>
    public static Measured Of(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var clock = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        double peak = 0;
        double cpu = 0;
        while (!process.WaitForExit(5))
        {
            (peak, cpu) = (Math.Max(peak, PeakMemory.MegabytesOf(process.Id.ToString(CultureInfo.InvariantCulture)) ?? 0), Math.Max(cpu, CpuOf(process.Id)));
        }

        double seconds = clock.Elapsed.TotalSeconds;
        return process.ExitCode == 0
            ? new Measured(seconds, cpu, peak)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output.Result}{error.Result}");
    }

    /// <summary>The run in the middle by time, and the largest peak.</summary>
    public static Measured Median(IReadOnlyList<Measured> runs)
    {
        Measured[] sorted = [.. runs.OrderBy(r => r.Seconds)];
        return sorted[sorted.Length / 2] with { PeakMegabytes = runs.Max(r => r.PeakMegabytes) };
    }

    private static double CpuOf(int id)
    {
        string text = string.Concat(Lines($"/proc/{id}/stat"));
        string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length < 13 ? 0 : (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
