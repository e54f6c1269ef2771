using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Cli.Tests;

/// <summary>A growth that is killed, or told to end, leaves the old state or the whole new one.</summary>
public sealed class InterruptionTests
{
    [Theory]
    [InlineData(9, 8)]
    [InlineData(2, 3)]
    [InlineData(15, 3)]
    public void A_growth_that_is_ended_at_any_moment_leaves_the_old_state_or_the_whole_new_one(int signal, int times)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var loop = new KillLoop(Path.Combine(AppContext.BaseDirectory, "onnxgrow.dll"), ["--hidden", "96"], signal);
        Assert.True(loop.Bytes > 1_000_000);
        for (int i = 0; i < times; i++)
        {
            KillOutcome outcome = loop.Once(i % 2 == 0 ? KillMoment.Any : KillMoment.Publishing, signal);
            Assert.True(outcome.Wrong is null, outcome.Wrong);
        }
    }

    [InterruptFact]
    public void Ctrl_C_ends_a_verification_with_its_exit_code_and_nothing_left() => EndsAVerification(2);

    [Fact]
    public void Termination_ends_a_verification_with_its_exit_code_and_nothing_left() => EndsAVerification(15);

    private static void EndsAVerification(int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // Large enough that both models run for seconds; the growth is ended once it is staged, which is when it is proved.
        using var cli = new CommandLine();
        (int exit, string error) = cli.EndWhen(
            () => Directory.EnumerateDirectories(cli.Folder, ".grown.onnx.*").Any(d => File.Exists(Path.Combine(d, "new", "grown.onnx"))),
            signal,
            "grow", Repository.Model("gpt2-mini-op17.onnx"), "--hidden", "480", "--layers", "12", "-o", "grown.onnx");
        Assert.Equal(128 + signal, exit);
        Assert.Equal("onnxgrow: stopped\n", error);
        Assert.Empty(cli.Files);
    }
}
