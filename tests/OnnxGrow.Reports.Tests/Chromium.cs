using System.Diagnostics;
using Xunit;

namespace OnnxGrow.Reports.Tests;

/// <summary>A test that takes a browser; where there is none, it says that it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Chromium.Path is null)
        {
            Skip = "there is no chromium or google-chrome on the PATH";
        }
    }
}

/// <summary>A browser without a window.</summary>
internal static class Chromium
{
    /// <summary>The program; null where there is none.</summary>
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => System.IO.Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>What a page has become after its scripts have run, and what the browser has complained of.</summary>
    public static (string Document, string Messages) Open(string page, string profile)
    {
        var start = new ProcessStartInfo(Path!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[]
        {
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr", "--virtual-time-budget=5000",
            "--user-data-dir=" + profile, "--window-size=1000,800", "--dump-dom", new Uri(page).AbsoluteUri,
        })
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> messages = process.StandardError.ReadToEndAsync();
        string document = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (document, string.Join('\n', messages.Result.Split('\n').Where(l => l.Contains("CONSOLE", StringComparison.Ordinal))));
    }
}
