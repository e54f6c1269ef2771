using OnnxGrow.Training.Recipes;
using OnnxGrow.Training.Schedules;
using Xunit;

namespace OnnxGrow.Training.Tests.Recipes;

public sealed class RecipeTests
{
    private const string Data = "data: {kind: text, files: [a.txt], tokenizer: {kind: bytes}}\nsteps: 10\n";

    [Theory]
    [InlineData("data: {kind: text, files: [a], tokenizer: {kind: bytes}}", "'steps'")]
    [InlineData("steps: 3", "'data'")]
    [InlineData(Data + "optimiser: {kind: adamw}", "did you mean 'optimizer'")]
    [InlineData(Data + "optimizer: {kind: adma}", "did you mean 'adamw'")]
    [InlineData(Data + "optimizer: {rate: 3}", "unknown key 'rate'")]
    [InlineData(Data + "optimizer: {lr: fast}", "must be a number")]
    [InlineData(Data + "optimizer: {betas: [0.9]}", "two numbers")]
    [InlineData(Data + "optimizer: {betas: [0.9, 1.5]}", "two numbers")]
    [InlineData(Data + "schedule: {kind: cosin}", "did you mean 'cosine'")]
    [InlineData(Data + "schedule: {warmup: 11}", "from 0 to 10")]
    [InlineData(Data + "loss: {kind: distillation}", "needs 'teacher'")]
    [InlineData(Data + "loss: {label_smoothing: 2}", "must be a number from 0")]
    [InlineData(Data + "accumulate: 0", "from 1")]
    [InlineData(Data + "clip: -1", "must be a number from 0")]
    [InlineData("- a\n- b", "a recipe is one mapping")]
    [InlineData("a: &x {b: *x}", "aliases")]
    public void Mistakes_are_told_with_their_place(string text, string says)
    {
        string message = Assert.Throws<BadInputException>(() => TrainingRecipe.Parse(text, "recipe 'r.yaml'")).Message;
        Assert.StartsWith("recipe 'r.yaml'", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_has_a_default()
    {
        TrainingRecipe recipe = TrainingRecipe.Parse(Data, "r");
        Assert.Equal(10, recipe.Steps);
        Assert.Equal(1, recipe.Accumulate);
        Assert.Equal(0, recipe.Clip);
        Assert.Equal("cosine", recipe.Schedule.Kind);
    }

    [Fact]
    public void Schedules_begin_and_end_where_they_should()
    {
        Schedule Of(string kind) => new() { Kind = kind, MaxRate = 1, MinRate = 0.1, Warmup = 10, Steps = 110 };
        foreach (string kind in Schedule.Kinds)
        {
            Schedule schedule = Of(kind);
            Assert.Equal(0.1, schedule.RateOf(0), 12);
            Assert.Equal(1, schedule.RateOf(9), 12);
            Assert.Equal(1, schedule.RateOf(10), 12);
            Assert.All(Enumerable.Range(10, 99), s => Assert.True(schedule.RateOf(s + 1) <= schedule.RateOf(s)));
            Assert.Equal(kind == "constant" ? 1 : 0.1, schedule.RateOf(110), 12);
        }

        Assert.Equal(0.55, Of("linear").RateOf(60), 12);
        Assert.Equal(0.55, Of("cosine").RateOf(60), 12);
        Assert.Equal(1, Of("wsd").RateOf(90), 12);
        Assert.Equal(0.55, Of("wsd").RateOf(100), 12);

        // LEMON's: the same rate at first, down in a part of the time.
        Schedule lemon = Of("lemon") with { LemonFraction = 0.5 };
        Assert.Equal(0.55, lemon.RateOf(35), 12);
        Assert.Equal(0.1, lemon.RateOf(60), 12);
        Assert.Equal(0.1, lemon.RateOf(100), 12);
    }
}
