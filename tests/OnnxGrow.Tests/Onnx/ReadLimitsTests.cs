using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public class ReadLimitsTests
{
    [Fact]
    public void Limits_are_set_by_name()
    {
        ReadLimits limits = ReadLimits.Default.With("depth", "500").With("graph-bytes", "1GiB").With("messages", "7").With("unfolded", "8").With("calls", "9");
        Assert.Equal((500, 1L << 30, 7, 8, 9), (limits.MaxDepth, limits.MaxGraphBytes, limits.MaxMessages, limits.MaxUnfolded, limits.MaxCalls));
        Assert.Equal(64L << 20, limits.With("graph-bytes", "64 mib").MaxGraphBytes);
        Assert.Equal(1000, limits.With("graph-bytes", "1000").MaxGraphBytes);
        Assert.All(ReadLimits.Names, name => Assert.NotEqual(ReadLimits.Default, ReadLimits.Default.With(name, "10")));
    }

    [Theory]
    [InlineData("width", "1", "depth, graph-bytes, messages, unfolded, calls, factor and new-layers")]
    [InlineData("calls", "501", "1 to 500")]
    [InlineData("depth", "1001", "1 to 1000")]
    [InlineData("depth", "0", "1 to 1000")]
    [InlineData("messages", "-1", "'-1'")]
    [InlineData("messages", "1e6", "'1e6'")]
    [InlineData("graph-bytes", "2GiB", "'2GiB'")]
    [InlineData("graph-bytes", "GiB", "'GiB'")]
    [InlineData("graph-bytes", "99999999999999999999", "below 2 GiB")]
    public void What_cannot_be_is_refused(string name, string value, string says) =>
        TestFolder.Refused(() => ReadLimits.Default.With(name, value), says);
}
