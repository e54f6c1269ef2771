using OnnxGrow.TestSupport;
using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>The section <c>data</c> of a recipe.</summary>
public sealed class DataRecipeTests
{
    [Fact]
    public void All_that_can_be_said_is_read()
    {
        DataRecipe recipe = DataRecipe.Parse("""
            data:
              kind: mlm
              files: [a.txt, "b/*.txt"]
              validation_files: c.txt
              document: line
              tokenizer: {kind: wordpiece, vocabulary: vocab.txt, lower_case: false, max_word_length: 50, specials: ["[X]"]}
              sequence: 64
              mask_rate: 0.2
              batch: 8
              seed: 18446744073709551615
              inputs: {ids_of_mine: input_ids}
            """, "recipe");
        Assert.Equal(DataKind.Mlm, recipe.Kind);
        Assert.Equal(["a.txt", "b/*.txt"], recipe.Files);
        Assert.Equal(["c.txt"], recipe.ValidationFiles);
        Assert.Equal((true, 64, 0.2, 8, ulong.MaxValue), (recipe.Lines, recipe.Sequence, recipe.MaskRate, recipe.Batch, recipe.Seed));
        Assert.Equal(("wordpiece", "vocab.txt", false, 50), (recipe.Tokenizer.Kind, recipe.Tokenizer.Vocabulary, recipe.Tokenizer.LowerCase, recipe.Tokenizer.MaxWordLength));
        Assert.Equal(["[X]"], recipe.Tokenizer.Specials);
        Assert.Equal("input_ids", recipe.Inputs["ids_of_mine"]);
    }

    [Fact]
    public void Images_have_their_options()
    {
        DataRecipe recipe = DataRecipe.Parse("data: {kind: images, files: i, labels: l, image: {resize: [3, 4], pad: 2, crop: 5, flip: true, mean: 0.5, std: [0.1, 0.2, 0.3], channels: 3}}", "recipe");
        Assert.Equal(((3, 4), 2, (5, 5), true), (recipe.Image.Resize, recipe.Image.Pad, recipe.Image.Crop, recipe.Image.Flip));
        Assert.Equal([0.5], recipe.Image.Mean);
        Assert.Equal([0.1, 0.2, 0.3], recipe.Image.Deviation);
        Assert.Equal(3, recipe.Image.Channels);
    }

    [Theory]
    [InlineData("data: {kind: text, files: a, tokenizer: {kind: bytes}, sequnce: 4}", "line 1, column 56: unknown key 'sequnce' (did you mean 'sequence'?)")]
    [InlineData("data: {kind: images, files: a, labels: b, sequence: 4}", "unknown key 'sequence'")]
    [InlineData("data: {kind: txt, files: a}", "'kind' is 'txt' (did you mean 'text'?); it must be one of text, mlm, images, folder and arrays")]
    [InlineData("data: {files: a}", "needs 'kind'")]
    [InlineData("data: {kind: arrays}", "needs 'files'")]
    [InlineData("data: {kind: text, files: a}", "needs 'tokenizer'")]
    [InlineData("data: {kind: text, files: a, tokenizer: {kind: bpe}}", "needs 'vocabulary'")]
    [InlineData("data: {kind: text, files: a, tokenizer: {kind: bpe, vocabulary: v}}", "needs 'merges'")]
    [InlineData("data: {kind: text, files: a, tokenizer: {kind: bytes, vocab: v}}", "unknown key 'vocab'")]
    [InlineData("data: {kind: text, files: a, tokenizer: bytes}", "'tokenizer' must be a mapping")]
    [InlineData("data: {kind: arrays, files: a, batch: 0}", "'batch' is '0'; it must be a whole number from 1")]
    [InlineData("data: {kind: arrays, files: a, batch: 1.5}", "'batch' is '1.5'")]
    [InlineData("data: {kind: arrays, files: a, validation: 1}", "'validation' is 1")]
    [InlineData("data: {kind: arrays, files: a, validation: nan}", "'validation' is 'nan'")]
    [InlineData("data: {kind: arrays, files: a, validation: 0.1, validation_files: b}", "leave one of the two out")]
    [InlineData("data: {kind: arrays, files: {a: b}}", "must be a single value here")]
    [InlineData("data: {kind: images, files: a}", "'labels' must have a file for each of 'files'")]
    [InlineData("data: {kind: images, files: a, labels: b, image: {crop: [1, 2, 3]}}", "'crop' must be a size")]
    [InlineData("data: {kind: images, files: a, labels: b, image: {flip: maybe}}", "true or false")]
    [InlineData("data: {kind: arrays, files: a, seed: -1}", "'seed' must be")]
    [InlineData("data: [1]", "'data' must be a mapping")]
    [InlineData("date: {kind: arrays, files: a}", "has the section 'data'")]
    [InlineData("data: {kind: arrays, files: a}\ntrain: 1", "line 2, column 1: unknown key 'train'")]
    [InlineData("data: {kind: arrays, kind: arrays, files: a}", "not readable as YAML")]
    [InlineData("data: &x {files: *x}", "aliases are not allowed")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply")]
    [InlineData("", "one mapping")]
    public void Mistakes_are_named_with_their_place(string text, string why) =>
        Assert.Contains(why, Fixture.Refused(() => DataRecipe.Parse(text, "recipe.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void Files_that_are_not_there_are_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("none.npz' does not exist", Fixture.Refused(() => Fixture.Open(folder, "data: {kind: arrays, files: none.npz}")).Message, StringComparison.Ordinal);
        Assert.Contains("no file is named like", Fixture.Refused(() => Fixture.Open(folder, "data: {kind: arrays, files: '*.npz'}")).Message, StringComparison.Ordinal);
    }
}
