using OnnxGrow.Training.Data;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>Orders that are computed and not stored.</summary>
public sealed class PermutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1000)]
    [InlineData(1024)]
    [InlineData(65537)]
    public void Every_index_comes_once(int count)
    {
        for (ulong seed = 0; seed < 3; seed++)
        {
            var order = new Permutation(seed, count);
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), Enumerable.Range(0, count).Select(i => order[i]).Order());
        }
    }

    [Fact]
    public void Each_index_comes_first_about_as_often()
    {
        int[] first = new int[10];
        for (ulong seed = 0; seed < 10_000; seed++)
        {
            first[new Permutation(seed, 10)[0]]++;
        }

        // Five standard deviations of a fair draw.
        Assert.All(first, n => Assert.InRange(n, 1000 - 150, 1000 + 150));
    }

    [Fact]
    public void Neighbours_are_parted()
    {
        var order = new Permutation(7, 10_000);
        int near = Enumerable.Range(0, 9_999).Count(i => Math.Abs(order[i] - order[i + 1]) <= 10);
        Assert.InRange(near, 0, 60);
    }

    [Fact]
    public void Indices_beyond_the_count_are_refused()
    {
        var order = new Permutation(7, 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[10]);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[-1]);
    }
}
