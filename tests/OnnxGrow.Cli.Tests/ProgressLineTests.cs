using OnnxGrow.Cli.Output;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

public sealed class ProgressLineTests
{
    [Theory]
    [InlineData(false, null, null, true)]
    [InlineData(true, null, null, false)]
    [InlineData(false, "CI", "true", false)]
    [InlineData(false, "CI", "", true)]
    [InlineData(false, "NO_COLOR", "1", false)]
    [InlineData(false, "TERM", "dumb", false)]
    [InlineData(false, "TERM", "xterm", true)]
    public void It_is_for_a_person_at_a_terminal(bool redirected, string? variable, string? value, bool wanted) =>
        Assert.Equal(wanted, ProgressLine.IsWanted(redirected, name => name == variable ? value : null));

    [Theory]
    [InlineData(0, 1L << 30, 2, "writing: 0 B of 1 GiB (0 %), 0 B/s")]
    [InlineData(256L << 20, 1L << 30, 2, "writing: 256 MiB of 1 GiB (25 %), 128 MiB/s, 6 s left")]
    [InlineData(1L << 20, 1L << 30, 4, "writing: 1 MiB of 1 GiB (0 %), 256 KiB/s, 1 h 8 min left")]
    [InlineData(1L << 29, 1L << 30, 90, "writing: 512 MiB of 1 GiB (50 %), 5.7 MiB/s, 1 min 30 s left")]
    [InlineData(1L << 30, 1L << 30, 4, "writing: 1 GiB of 1 GiB (100 %), 256 MiB/s")]
    [InlineData(0, 0, 4, "writing ... 4 s")]
    public void It_says_bytes_rate_and_time_left(long done, long total, int seconds, string line) =>
        Assert.Equal(line, ProgressLine.Describe(new WorkProgress.State(1, "writing", done, total), TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Without_a_terminal_standard_error_is_empty()
    {
        using var cli = new CommandLine();
        CommandLine.Result run = cli.Run("grow", Repository.Model("gpt2-mini-op17.onnx"), "--hidden", "480", "--layers", "6", "--no-verify", "-o", "g.onnx");
        Assert.Equal((0, ""), (run.Exit, run.Error));
    }
}
