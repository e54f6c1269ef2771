using System.Text.Json.Nodes;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>The same command gives the same bytes wherever and with however many threads it runs.</summary>
public sealed class LocaleTests
{
    private static readonly string[] Arguments =
        ["grow", Repository.Model("vit-mini-qkv-op17.onnx"), "--hidden", "80", "--layers", "4", "--block", "cancel", "--seed", "3", "-o", "grown.onnx", "--save-plan", "plan.json", "--json", "report.json"];

    [Fact]
    public void Bytes_do_not_depend_on_language_time_zone_or_threads()
    {
        (string Text, Dictionary<string, byte[]> Files) plain = Run("C", "UTC", 1, false);
        foreach ((string language, string zone, int threads) in new[] { ("tr_TR.UTF-8", "Asia/Kathmandu", 2), ("de_DE.UTF-8", "Pacific/Kiritimati", 4) })
        {
            // With the rules of languages that the framework has switched off for the command, too, where the system has them.
            (string Text, Dictionary<string, byte[]> Files) other = Run(language, zone, threads, true);
            Assert.Equal(plain.Text, other.Text);
            Assert.Equal(plain.Files.Keys, other.Files.Keys);
            Assert.All(plain.Files, file => Assert.True(file.Value.AsSpan().SequenceEqual(other.Files[file.Key]), $"{file.Key} under {language}"));
        }
    }

    private static (string Text, Dictionary<string, byte[]> Files) Run(string language, string zone, int threads, bool cultures)
    {
        using var cli = new CommandLine();
        cli.Variables["LC_ALL"] = cli.Variables["LANG"] = language;
        cli.Variables["TZ"] = zone;
        cli.Variables["DOTNET_PROCESSOR_COUNT"] = FormattableString.Invariant($"{threads:x}");
        using var folder = new TemporaryFolder();
        if (cultures && OperatingSystem.IsLinux() && Directory.Exists("/usr/lib") && Directory.EnumerateFiles("/usr/lib", "libicuuc.so.*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 1 }).Any())
        {
            string settings = folder.File("onnxgrow.runtimeconfig.json");
            JsonNode options = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "onnxgrow.runtimeconfig.json")))!;
            options["runtimeOptions"]!["configProperties"]!["System.Globalization.Invariant"] = false;
            options["runtimeOptions"]!["configProperties"]!["System.Globalization.PredefinedCulturesOnly"] = false;
            File.WriteAllText(settings, options.ToJsonString());
            cli.HostOptions.AddRange(["--runtimeconfig", settings]);
        }

        CommandLine.Result run = cli.Run(Arguments);
        Assert.True(run.Exit == 0, run.Error);
        return (run.Output, cli.Files.ToDictionary(f => f, f => File.ReadAllBytes(cli.PathOf(f)), StringComparer.Ordinal));
    }
}
