using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>Outputs that would destroy something, or cannot be written, are refused in one line.</summary>
public sealed class OutputPlaceTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public OutputPlaceTests()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        model.Save(_cli.PathOf("source.onnx"), new SaveOptions { ExternalThreshold = 1, DataFileName = "weights.onnx.data" });
    }

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("source.onnx", "that is the source")]
    [InlineData("./source.onnx", "that is the source")]
    [InlineData("link/source.onnx", "that is the source")]
    [InlineData("Source.ONNX", "differs only by case from the source")]
    [InlineData("weights.onnx.data", "a data file of the source")]
    [InlineData("hard.onnx", "that is the source")]
    [InlineData("weights.onnx", "its data file 'weights.onnx.data': that is a data file of the source")]
    [InlineData("Weights.onnx", "differs only by case from a data file of the source")]
    [InlineData("folder", "that is a folder")]
    [InlineData("taken.onnx", "its data file 'taken.onnx.data' would be where a folder is")]
    public void Output_over_the_source_or_its_data_is_refused(string output, string says)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Directory.CreateSymbolicLink(_cli.PathOf("link"), ".");
        Directory.CreateDirectory(_cli.PathOf("folder"));
        Directory.CreateDirectory(_cli.PathOf("taken.onnx.data"));
        Assert.Equal(0, Shell.Run(_cli.Folder, "ln source.onnx hard.onnx"));
        Refused(_cli.Run("grow", "source.onnx", "--heads", "4", "--no-verify", "--force", "-o", output), output.Split('/')[^1], says);
    }

    [Fact]
    public void An_existing_data_file_is_replaced_by_force_only()
    {
        File.WriteAllText(_cli.PathOf("out.onnx.data"), "another's");
        Refused(_cli.Run("grow", "source.onnx", "--heads", "4", "--no-verify", "-o", "out.onnx"), "out.onnx.data", "--force");
        Assert.Equal(0, _cli.Run("grow", "source.onnx", "--heads", "4", "--no-verify", "-o", "out.onnx", "--force").Exit);
        OnnxModel.Open(_cli.PathOf("out.onnx")).Dispose();
        Assert.Equal(["out.onnx", "out.onnx.data", "source.onnx", "weights.onnx.data"], _cli.Files);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--save-plan")]
    public void Reports_do_not_go_over_models(string option)
    {
        Refused(_cli.Run("grow", "source.onnx", "--heads", "4", "--no-verify", "-o", "out.onnx", option, "source.onnx"), option, "which the command also reads or writes");
        Refused(_cli.Run("grow", "source.onnx", "--heads", "4", "--no-verify", "-o", "out.onnx", option, "Out.onnx"), option, "which the command also reads or writes");
    }

    [Fact]
    public void A_limit_on_the_size_of_files_is_one_line()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET itself wants to make large files in memory, unless told not to. 1000 blocks of 512 or 1024 bytes.
        (int exit, string error) = _cli.RunInShell("export DOTNET_EnableWriteXorExecute=0; ulimit -f 1000", "grow", "source.onnx", "--hidden", "96", "--no-verify", "-o", "out.onnx");
        Refused(new CommandLine.Result(exit, "", error), "out.onnx", "ulimit -f");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_one_line()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Nobody may make a file here, root neither.
        CommandLine.Result run = _cli.Run("grow", "source.onnx", "--heads", "4", "--no-verify", "-o", "/proc/out.onnx");
        Refused(run, "/proc/out.onnx", "cannot be written");
    }

    private void Refused(CommandLine.Result run, params string[] says)
    {
        Assert.Equal(2, run.Exit);
        Assert.StartsWith("onnxgrow: error OG20", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.All(says, part => Assert.Contains(part, run.Error, StringComparison.Ordinal));
        Assert.DoesNotContain(_cli.Files, name => name is "out.onnx" || name.StartsWith('.'));
        using OnnxModel source = OnnxModel.Open(_cli.PathOf("source.onnx"));
        using OnnxModel original = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        Assert.Equal(original.ToBytes(), source.ToBytes());
    }

    [Fact]
    public void That_a_model_crosses_the_limit_of_protobuf_is_said_in_one_line()
    {
        // Nothing of it is written: 2.6 GiB of weights are planned.
        string[] what = ["grow", Repository.Model("gpt2-mini-op17.onnx"), "--hidden", "6144", "--heads", "128", "--dry-run"];
        CommandLine.Result run = _cli.Run([.. what, "-o", "large.onnx"]);
        Assert.True(run.Exit == 0, run.Error);
        string line = Assert.Single(run.Output.Split('\n'), l => l.Contains("protobuf", StringComparison.Ordinal));
        Assert.Contains("2 GiB - 1: its weights go beside it, into 'large.onnx.data'", line, StringComparison.Ordinal);
        Assert.Contains("into a data file", _cli.Run(what).Output, StringComparison.Ordinal);

        // Asked for, or small enough: nothing to say.
        Assert.DoesNotContain("protobuf", _cli.Run([.. what, "-o", "large.onnx", "--external"]).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("protobuf", _cli.Run("grow", Repository.Model("gpt2-mini-op17.onnx"), "--hidden", "96", "--dry-run").Output, StringComparison.Ordinal);
        Assert.Equal(["source.onnx", "weights.onnx.data"], _cli.Files);
    }

    [Fact]
    public void A_replaced_model_takes_its_data_file_along()
    {
        string model = Repository.Model("gpt2-mini-op17.onnx");
        Assert.Equal(0, _cli.Run("grow", model, "--hidden", "96", "-o", "m.onnx", "--external", "--proof", "certificate").Exit);
        Assert.Equal(["m.onnx", "m.onnx.data", "source.onnx", "weights.onnx.data"], _cli.Files);
        CommandLine.Result run = _cli.Run("grow", model, "--hidden", "96", "-o", "m.onnx", "--force", "--proof", "certificate");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(["m.onnx", "source.onnx", "weights.onnx.data"], _cli.Files);
    }
}
