using Xunit;

namespace OnnxGrow.Docs.Tests;

/// <summary>A test that needs a program of the system, and says so where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsProgramAttribute : FactAttribute
{
    public NeedsProgramAttribute(string program)
    {
        if (OperatingSystem.IsWindows() || !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Skip = $"there is no {program} here";
        }
    }
}
