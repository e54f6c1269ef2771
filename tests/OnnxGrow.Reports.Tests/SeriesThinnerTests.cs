using OnnxGrow.Reports.Runs;
using Xunit;

namespace OnnxGrow.Reports.Tests;

public sealed class SeriesThinnerTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(8, 10)]
    [InlineData(9, 10)]
    [InlineData(1000, 10)]
    [InlineData(1001, 4)]
    [InlineData(123_457, 100)]
    public void Few_points_are_kept_the_extremes_among_them(int count, int most)
    {
        var random = new Random(count);
        var thinner = new SeriesThinner(most);
        var all = new List<SeriesPoint>();
        for (int i = 1; i <= count; i++)
        {
            all.Add(new SeriesPoint(i, i / 10.0, i * 7L, random.NextDouble()));
            thinner.Add(all[^1]);
        }

        IReadOnlyList<SeriesPoint> kept = thinner.Points();
        Assert.Equal(count, thinner.Count);
        Assert.InRange(kept.Count, Math.Min(count, most / 4), most);
        Assert.Equal(all[0], kept[0]);
        Assert.Equal(all[^1], kept[^1]);
        Assert.Equal(all.Min(p => p.Value), kept.Min(p => p.Value));
        Assert.Equal(all.Max(p => p.Value), kept.Max(p => p.Value));
        Assert.Equal(kept.OrderBy(p => p.Step), kept);
        Assert.All(kept, p => Assert.Equal(all[(int)p.Step - 1], p));
    }

    [Fact]
    public void What_fits_is_kept_whole()
    {
        var thinner = new SeriesThinner(100);
        SeriesPoint[] points = [.. Enumerable.Range(1, 49).Select(i => new SeriesPoint(i, i, i, Math.Sin(i)))];
        Array.ForEach(points, thinner.Add);
        Assert.Equal(points, thinner.Points());
    }

    [Fact]
    public void A_single_outlier_among_many_points_stays()
    {
        var thinner = new SeriesThinner(50);
        for (int i = 1; i <= 200_000; i++)
        {
            thinner.Add(new SeriesPoint(i, i, i, i == 77_777 ? 100 : i == 123_456 ? -100 : 1));
        }

        Assert.Contains(thinner.Points(), p => p is { Step: 77_777, Value: 100 });
        Assert.Contains(thinner.Points(), p => p is { Step: 123_456, Value: -100 });
    }
}
