using OnnxGrow.Analysis.Axes;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

/// <summary>Equations between axes that could be refined for ever: settling them ends.</summary>
public sealed class AxisSystemTests
{
    private static Axis Joined(params Axis[] parts) => new(new Concatenation([.. parts]));

    [Fact]
    public void Equal_parts_beside_a_product_of_parts()
    {
        var system = new AxisSystem();
        Axis part = AxisSystem.NewAxis(5);
        Axis few = Joined(Axis.One, AxisSystem.NewAxis(2));
        Axis product = new([.. few.Factors, .. AxisSystem.NewAxis(5).Factors]);
        Assert.True(system.SameSize(Joined(part, part, part), product));
        system.Settle();
        Assert.Equal(15, product.Extent);
    }

    [Fact]
    public void A_part_as_long_as_the_whole()
    {
        var system = new AxisSystem();
        Axis whole = AxisSystem.NewAxis(6);
        Axis part = AxisSystem.NewAxis(6);
        Assert.False(system.SameSize(whole, Joined(part, AxisSystem.NewAxis(0))));
        Assert.True(system.SameSize(whole, part));
        system.Settle();
        Assert.Equal(6, whole.Extent);
    }

    [Fact]
    public void What_one_axis_is_made_of_is_carried_over()
    {
        var system = new AxisSystem();
        Axis first = AxisSystem.NewAxis(6);
        Axis last = AxisSystem.NewAxis(6);
        Axis between = system.Mirror(first);
        Assert.True(system.SameSize(between, last));
        Assert.True(system.SameSize(last, Joined(AxisSystem.NewAxis(2), AxisSystem.NewAxis(4))));
        system.Settle();
        Assert.Equal("(2 | 4)", first.ToString());
    }
}
