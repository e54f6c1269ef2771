using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Inputs of a model and what a batch has for them.</summary>
public sealed class InputFeedTests
{
    private static readonly DataField[] Text = [new("input_ids", ElementType.Int64, [3]), new("labels", ElementType.Int64, [3])];
    private static readonly DataField[] Image = [new("pixel_values", ElementType.Float32, [1, 2, 2]), new("labels", ElementType.Int64, [])];

    [Fact]
    public void What_data_have_not_is_made()
    {
        var feed = new InputFeed([Input("input_ids"), Input("attention_mask", ElementType.Float32), Input("position_ids"), Input("token_type_ids", ElementType.Int32)], Text);
        IReadOnlyDictionary<string, RuntimeTensor> fed = feed.Of(Batch());
        Assert.Equal([1, 2, 3, 4, 5, 6], fed["input_ids"].ToDoubles());
        Assert.Equal([1, 1, 1, 1, 1, 1], fed["attention_mask"].ToDoubles());
        Assert.Equal([0, 1, 2, 0, 1, 2], fed["position_ids"].ToDoubles());
        Assert.Equal([0, 0, 0, 0, 0, 0], fed["token_type_ids"].ToDoubles());
        Assert.Equal((ElementType.Float32, ElementType.Int32), (fed["attention_mask"].ElementType, fed["token_type_ids"].ElementType));
        Assert.Equal([2, 3], fed["position_ids"].Dims.ToArray());
    }

    [Fact]
    public void Other_usual_names_types_and_extents_are_known()
    {
        IReadOnlyDictionary<string, RuntimeTensor> fed = new InputFeed([Input("tokens", ElementType.Int32), new("positions", ElementType.Int64, [null])], Text).Of(Batch());
        Assert.Equal(ElementType.Int32, fed["tokens"].ElementType);
        Assert.Equal([3], fed["positions"].Dims.ToArray());
        Assert.Equal([1, 3], new InputFeed([new("position_ids", ElementType.Int64, [1, 3])], Text).Of(Batch())["position_ids"].Dims.ToArray());
    }

    [Fact]
    public void A_recipe_names_the_field_of_an_input()
    {
        var names = new Dictionary<string, string> { ["mine"] = "input_ids" };
        Assert.Equal([1, 2, 3, 4, 5, 6], new InputFeed([Input("mine")], Text, names).Of(Batch())["mine"].ToDoubles());
        Assert.Contains("(did you mean 'mine'?)", Fixture.Refused(() => _ = new InputFeed([Input("mine")], Text, new Dictionary<string, string> { ["mne"] = "input_ids" })).Message, StringComparison.Ordinal);
        Assert.Contains("the data offer 'input_ids'", Fixture.Refused(() => _ = new InputFeed([Input("mine")], Text, new Dictionary<string, string> { ["mine"] = "x" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_nothing_is_there_for_is_named_with_what_is_offered()
    {
        string message = Fixture.Refused(() => _ = new InputFeed([Input("past_key")], Text)).Message;
        Assert.Contains("'past_key'", message, StringComparison.Ordinal);
        Assert.Contains("'input_ids' Int64[batch, 3] and 'labels' Int64[batch, 3]", message, StringComparison.Ordinal);
        Assert.Contains("'attention_mask'", Fixture.Refused(() => _ = new InputFeed([Input("attention_mask")], Image)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extents_and_types_that_do_not_fit_are_refused()
    {
        Assert.Contains("cannot take", Fixture.Refused(() => _ = new InputFeed([new("input_ids", ElementType.Int64, [null, 5])], Text)).Message, StringComparison.Ordinal);
        Assert.Contains("sequence: 5", Fixture.Refused(() => _ = new InputFeed([new("attention_mask", ElementType.Int64, [null, 5])], Text)).Message, StringComparison.Ordinal);
        Assert.Contains("[batch, sequence]", Fixture.Refused(() => _ = new InputFeed([new("attention_mask", ElementType.Int64, [null, 1, 3, 3])], Text)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot take", Fixture.Refused(() => _ = new InputFeed([new("pixel_values", ElementType.Float32, [null, 3, 2, 2])], Image)).Message, StringComparison.Ordinal);
        Assert.Contains("whole numbers", Fixture.Refused(() => _ = new InputFeed([new("pixel_values", ElementType.Int64, [null, 1, 2, 2])], Image)).Message, StringComparison.Ordinal);
    }

    private static ModelInput Input(string name, ElementType type = ElementType.Int64) => new(name, type, [null, null]);

    private static Batch Batch() => new(2, new Dictionary<string, RuntimeTensor>
    {
        ["input_ids"] = RuntimeTensor.FromIntegers(ElementType.Int64, [2, 3], [1, 2, 3, 4, 5, 6]),
        ["labels"] = RuntimeTensor.FromIntegers(ElementType.Int64, [2, 3], [2, 3, 4, 5, 6, -100]),
    });
}
