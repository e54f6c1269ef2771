using System.Globalization;

namespace OnnxGrow.Bench;

/// <summary>The most memory that a process has held.</summary>
internal static class PeakMemory
{
    /// <summary>In 10^6 bytes; null where the process is gone, or the system does not say.</summary>
    /// <param name="process">Its number, or "self".</param>
    public static double? MegabytesOf(string process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
