using System.Globalization;
using Xunit;

namespace OnnxGrow.TestSupport;

/// <summary>
/// A test of Ctrl-C. A shell that runs the tests in its background has interrupts ignored, by their child processes too: there it is
/// skipped.
/// </summary>
internal sealed class InterruptFactAttribute : FactAttribute
{
    private const string Status = "/proc/self/status";
    private const int Interrupt = 2;

    public InterruptFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "there is no SIGINT on Windows";
        }
        else if (File.Exists(Status) && File.ReadLines(Status).FirstOrDefault(l => l.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
            && (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << (Interrupt - 1))) != 0)
        {
            Skip = "interrupts are ignored here: the tests run in the background of a shell";
        }
    }
}
