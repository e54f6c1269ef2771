using System.Runtime.InteropServices;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>What a command says and ends with, told by a command that says what the test wants.</summary>
public sealed partial class ProcessTests : IDisposable
{
    private const int Interrupt = 2; // SIGINT
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("echo 'onnxgrow: error OG3001: hidden {0}: no' >&2; exit 3", "small.onnx : error OG3001: hidden {0}: no")]
    [InlineData("echo 'onnxgrow: nothing there' >&2; echo 'try something else' >&2; exit 2", "small.onnx : error OG2000: nothing there")]
    [InlineData("echo 'not equivalent: so it is'; exit 1", "small.onnx : error OG1000: not equivalent: so it is")]
    [InlineData("echo 'onnxgrow: this is a bug' >&2; echo '   at A.B()' >&2; exit 70", "small.onnx : error OG7001: this is a bug")]
    [InlineData("kill -9 $$", "small.onnx : error OG0107: the command ended with exit code 137")]
    public void What_went_wrong_is_an_error_of_the_model(string script, string says)
    {
        Built built = Built.Run(_folder.Path, Arguments("printf x > obj/onnxgrow/small.onnx; " + script));
        built.FailedWith(says);
        Assert.Single(built.Text.Split('\n').Select(line => line.Trim()).Where(line => line.Contains(": error ", StringComparison.Ordinal)).Distinct());
        Assert.Empty(Directory.EnumerateFiles(_folder.File("obj/onnxgrow")));
    }

    [UnixTheory]
    [InlineData("onnxgrow: warning OG1007: on cpu only", "warning OG1007: on cpu only")]
    [InlineData("onnxgrow: warning: on cpu only", "warning OG0150: on cpu only")]
    public void A_warning_stays_one(string line, string says) =>
        Assert.Contains("small.onnx : " + says, Built.Run(_folder.Path, Arguments($"echo '{line}' >&2")).Succeeded().Text, StringComparison.Ordinal);

    [InterruptFact]
    public void A_build_that_is_stopped_stops_the_command()
    {
        var build = Task.Run(() => Built.Run(_folder.Path, Arguments("trap 'echo done > stopped; exit 143' TERM; echo $PPID > running; i=0; while [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done")));
        // MSBuild is the parent of the command.
        int process = 0;
        Assert.True(SpinWait.SpinUntil(() => File.Exists(_folder.File("running")) && int.TryParse(File.ReadAllText(_folder.File("running")), out process), Patience));
        Assert.Equal(0, Send(process, Interrupt));
        Assert.NotEqual(0, build.Result.ExitCode);
        Assert.True(File.Exists(_folder.File("stopped")));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);

    private string[] Arguments(string script)
    {
        string tool = _folder.File("tool");
        File.WriteAllText(tool, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        string step = Path.Combine(Repository.Root, "src", "OnnxGrow.MSBuild", "buildTransitive", "OnnxGrow.MSBuild");
        File.WriteAllText(_folder.File("test.proj"), $"""
            <Project>
              <PropertyGroup><IntermediateOutputPath>obj/</IntermediateOutputPath></PropertyGroup>
              <Import Project="{step}.props" />
              <ItemGroup><OnnxGrowModel Include="small.onnx" /></ItemGroup>
              <Import Project="{step}.targets" />
            </Project>
            """);
        return ["msbuild", "test.proj", "-t:OnnxGrowModels", .. Built.FromSource, "-p:OnnxGrowToolPath=" + tool];
    }
}
