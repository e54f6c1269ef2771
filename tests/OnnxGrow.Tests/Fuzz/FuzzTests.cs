using OnnxGrow.TestSupport.Fuzz;
using Xunit;

namespace OnnxGrow.Tests.Fuzz;

/// <summary>
/// Some inputs of tools/fuzz, always the same ones: about half a minute on two cores. What they find, `--target T --seed 1
/// --input N` shows again.
/// </summary>
public sealed class FuzzTests
{
    private const ulong Seed = 1;

    // Less than everything taken means that inputs got past the readers, less than everything refused that they were damaged.
    [Theory]
    [InlineData(FuzzTarget.Model, 900)]
    [InlineData(FuzzTarget.Data, 900)]
    [InlineData(FuzzTarget.Plan, 300)]
    [InlineData(FuzzTarget.Skeleton, 400)]
    public void Inputs_are_read_or_refused_in_one_line(FuzzTarget target, int count)
    {
        var maker = new FuzzMaker();
        using var reader = new FuzzReader(new FuzzLimits { ProcessorTime = null, WholeProcess = false });
        int taken = 0;
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            FuzzOutcome outcome = reader.Read(maker.Make(target, Seed, number));
            Assert.True(outcome.Verdict != FuzzVerdict.Finding, $"--target {target} --seed {Seed} --input {number}: {outcome.Key}: {outcome.Text}");
            taken += outcome.Verdict == FuzzVerdict.Taken ? 1 : 0;
            refused += outcome.Verdict == FuzzVerdict.Refused ? 1 : 0;
        }

        Assert.True(taken > count / 50, $"{taken} of {count} were taken");
        Assert.True(refused > count / 4, $"{refused} of {count} were refused");
    }

    [Theory]
    [InlineData(FuzzTarget.Model)]
    [InlineData(FuzzTarget.Data)]
    [InlineData(FuzzTarget.Plan)]
    [InlineData(FuzzTarget.Skeleton)]
    public void The_same_number_is_the_same_input(FuzzTarget target)
    {
        byte[] once = new FuzzMaker().Make(target, Seed, 5).Bytes;
        var maker = new FuzzMaker();
        maker.Make(target, Seed, 4);
        Assert.Equal(once, maker.Make(target, Seed, 5).Bytes);
        Assert.NotEqual(once, maker.Make(target, Seed, 6).Bytes);
    }
}
