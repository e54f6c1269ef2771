using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Prints of data: of all of them where they are few, of samples where they are many.</summary>
public sealed class ContentPrintTests
{
    private const int Block = 1 << 16;

    [Fact]
    public void Any_byte_of_few_data_counts_and_where_files_end()
    {
        byte[] a = Bytes(3 * Block + 7), b = Bytes(11);
        string print = Of(long.MaxValue, a, b);
        Assert.Equal(print, Of(long.MaxValue, [.. a], [.. b]));
        Assert.NotEqual(print, Of(long.MaxValue, [.. a, .. b]));
        Assert.NotEqual(print, Of(long.MaxValue, b, a));
        foreach (int at in new[] { 0, Block - 1, Block, a.Length - 1 })
        {
            byte[] other = [.. a];
            other[at] ^= 1;
            Assert.NotEqual(print, Of(long.MaxValue, other, b));
        }
    }

    [Fact]
    public void Of_many_data_the_ends_and_what_lies_between_are_read_and_no_more_than_was_allowed()
    {
        const long Most = 8 * Block;
        byte[] a = Bytes(40 * Block), b = Bytes(100), c = Bytes(20 * Block + 5);
        long read = 0;
        string print = ContentPrint.Of([.. new[] { a, b, c }.Select(x => (x.LongLength, new ContentPrint.ReadAt((into, at) =>
        {
            read += into.Length;
            x.AsSpan((int)at, into.Length).CopyTo(into);
        })))], Most);
        Assert.InRange(read, Most / 2, Most);
        Assert.Equal(print, Of(Most, a, b, c));
        byte[] first = [.. a], last = [.. c], all = [.. a.Select(x => (byte)~x)];
        first[0] ^= 1;
        last[^1] ^= 1;
        Assert.Equal(4, new[] { print, Of(Most, first, b, c), Of(Most, a, b, last), Of(Most, all, b, c) }.Distinct().Count());
        Assert.NotEqual(print, Of(Most, a, [.. b, 0], c));
    }

    private static string Of(long most, params byte[][] files) => ContentPrint.Of(
        [.. files.Select(x => (x.LongLength, new ContentPrint.ReadAt((into, at) => x.AsSpan((int)at, into.Length).CopyTo(into))))], most);

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
