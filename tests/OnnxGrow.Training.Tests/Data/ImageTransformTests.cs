using System.Runtime.InteropServices;
using OnnxGrow.Training.Data;
using OnnxGrow.Training.Data.Images;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>What is made of images.</summary>
public sealed class ImageTransformTests
{
    private static readonly byte[] Square = [10, 20, 30, 40];

    [Fact]
    public void Colours_become_planes_and_are_normalised_one_by_one()
    {
        var transform = new ImageTransform(new ImageOptions { Mean = [0, 0.5], Deviation = [1, 0.25] }, 1, 2, 2);
        Assert.Equal([0f, 1f, -2f, 2f], Apply(transform, [0, 0, 255, 255]));
    }

    [Fact]
    public void One_channel_is_repeated()
    {
        var transform = new ImageTransform(new ImageOptions { Channels = 3 }, 2, 2, 1);
        Assert.Equal([10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40], Pixels(transform, Square));
    }

    [Fact]
    public void Resizing_takes_straight_lines_between_the_middles_of_pixels()
    {
        Assert.Equal([10, 12.5f, 17.5f, 20], Pixels(new ImageTransform(new ImageOptions { Resize = (1, 4) }, 1, 2, 1), [10, 20]));
        Assert.Equal([25], Pixels(new ImageTransform(new ImageOptions { Resize = (1, 1) }, 2, 2, 1), Square));
    }

    [Fact]
    public void Padding_is_black_and_validation_cuts_from_the_middle()
    {
        Assert.Equal([0, 0, 0, 0, 0, 10, 20, 0, 0, 30, 40, 0, 0, 0, 0, 0], Pixels(new ImageTransform(new ImageOptions { Pad = 1 }, 2, 2, 1), Square));
        Assert.Equal(Square.Select(b => (float)b), Pixels(new ImageTransform(new ImageOptions { Pad = 1, Crop = (2, 2), Flip = true }, 2, 2, 1), Square));
    }

    [Fact]
    public void Training_cuts_anywhere_and_turns_every_other_image()
    {
        var transform = new ImageTransform(new ImageOptions { Pad = 1, Crop = (2, 2), Flip = true }, 2, 2, 1);
        string[] seen = [.. Enumerable.Range(0, 1800).Select(i => string.Join(' ', Pixels(transform, Square, new SampleUse(Mixed(i), true))))];
        var counts = seen.GroupBy(s => s).ToDictionary(g => g.Key, g => g.Count());

        // Nine places, each turned or not; the middle is two images that can be told apart, 100 times each if all is fair.
        Assert.InRange(counts["10 20 30 40"], 60, 140);
        Assert.InRange(counts["20 10 40 30"], 60, 140);
        Assert.Equal(seen, Enumerable.Range(0, 1800).Select(i => string.Join(' ', Pixels(transform, Square, new SampleUse(Mixed(i), true)))));
    }

    [Fact]
    public void Options_that_do_not_fit_the_images_are_refused()
    {
        Assert.Contains("larger than the images", Fixture.Refused(() => _ = new ImageTransform(new ImageOptions { Crop = (3, 2) }, 2, 2, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("only images of one channel", Fixture.Refused(() => _ = new ImageTransform(new ImageOptions { Channels = 4 }, 2, 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("one for each of the 3 channels", Fixture.Refused(() => _ = new ImageTransform(new ImageOptions { Mean = [0, 0] }, 2, 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("above 0", Fixture.Refused(() => _ = new ImageTransform(new ImageOptions { Deviation = [0] }, 2, 2, 3)).Message, StringComparison.Ordinal);
    }

    private static ulong Mixed(int i) => (ulong)i * 0x9E3779B97F4A7C15;

    private static float[] Apply(ImageTransform transform, byte[] pixels, SampleUse use = default)
    {
        byte[] bytes = new byte[4 * transform.Channels * transform.Height * transform.Width];
        transform.Apply(pixels, use, bytes);
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    private static float[] Pixels(ImageTransform transform, byte[] pixels, SampleUse use = default) =>
        [.. Apply(transform, pixels, use).Select(v => MathF.Round(v * 255, 3))];
}
