using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>A test whose tool is a shell script.</summary>
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "There is no /bin/sh on Windows.";
        }
    }
}
