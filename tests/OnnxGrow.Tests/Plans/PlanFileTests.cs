using OnnxGrow.Growth.Plans;
using Xunit;

namespace OnnxGrow.Tests.Plans;

public class PlanFileTests
{
    private static string Refused(string text) => Assert.Throws<BadInputException>(() => PlanFile.Parse(text, "plan")).Message;

    [Fact]
    public void What_is_written_is_read_again()
    {
        var plan = new GrowthPlan
        {
            Method = "net2net",
            Seed = ulong.MaxValue,
            Block = BlockStyle.Cancel,
            Dimensions = new GrowthPlan().Dimensions.Add("hidden", 96).Add("ffn.0", 400),
            Layers = [new(0, 0), new(2, 1)],
            SourceSha256 = "abc",
        };
        string text = PlanFile.ToJson(plan);
        GrowthPlan read = PlanFile.Parse(text, "plan");
        Assert.Equal(text, PlanFile.ToJson(read));
        Assert.Equal(plan.Seed, read.Seed);
        Assert.Equal(plan.Layers.ToArray(), read.Layers.ToArray());
        Assert.Equal(plan.Dimensions, read.Dimensions);
    }

    [Fact]
    public void Yaml_is_read_too()
    {
        GrowthPlan plan = PlanFile.Parse("method: lemon\nseed: 7\ndimensions:\n  hidden: 96\nlayers:\n  - after: 1\n  - {after: 2, copy_of: 0}\n", "plan");
        Assert.Equal(96, plan.Dimensions["hidden"]);
        Assert.Equal([new(1, 1), new(2, 0)], plan.Layers.ToArray());
    }

    [Fact]
    public void Errors_give_line_and_column()
    {
        Assert.Contains("line 2, column 1: unknown key 'mehtod' (did you mean 'method'?)", Refused("seed: 1\nmehtod: lemon\n"), StringComparison.Ordinal);
        Assert.Contains("line 2, column 11: '1e18'", Refused("dimensions:\n  hidden: 1e18\n"), StringComparison.Ordinal);
        Assert.Contains("'-3' is not a whole number", Refused("dimensions: {hidden: -3}"), StringComparison.Ordinal);
        Assert.Contains("'NaN' is not a whole number", Refused("dimensions: {hidden: NaN}"), StringComparison.Ordinal);
        Assert.Contains("'seed' must be", Refused("seed: -1"), StringComparison.Ordinal);
        Assert.Contains("must be a list", Refused("layers: 3"), StringComparison.Ordinal);
        Assert.Contains("needs 'after'", Refused("layers: [{copy_of: 1}]"), StringComparison.Ordinal);
        Assert.Contains("'zero' or 'cancel'", Refused("block: half"), StringComparison.Ordinal);
        Assert.Contains("not a whole number from 1 to 1", Refused("version: 2"), StringComparison.Ordinal);
        Assert.Contains("one mapping", Refused("just text"), StringComparison.Ordinal);
        Assert.Contains("not readable", Refused("a: [1, 2"), StringComparison.Ordinal);
        Assert.Contains("not readable", Refused("seed: 1\nseed: 2\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused_before_it_is_expanded()
    {
        string bomb = "a: &a [x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{(char)('b' + i)}: &{(char)('b' + i)} [*{(char)('a' + i)},*{(char)('a' + i)},*{(char)('a' + i)}]\n"));
        Assert.Contains("aliases are not allowed", Refused(bomb), StringComparison.Ordinal);
        Assert.Contains("nested too deeply", Refused(new string('[', 2000) + new string(']', 2000)), StringComparison.Ordinal);
        Assert.Contains("too many for a plan", Refused(new string('#', PlanFile.MaxLength + 1)), StringComparison.Ordinal);
    }
}
