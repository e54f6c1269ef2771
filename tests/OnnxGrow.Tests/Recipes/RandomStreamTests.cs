using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Recipes;

public sealed class RandomStreamTests
{
    [Fact]
    public void Counts_through_SplitMix64()
    {
        // The reference sequences of seeds 0 and 1234567.
        Assert.Equal(0xE220A8397B1DCDAFUL, new RandomStream(0).Bits(0));
        Assert.Equal(0x6E789E6AA1B965F4UL, new RandomStream(0).Bits(1));
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431];
        Assert.Equal(expected, Enumerable.Range(0, 4).Select(k => new RandomStream(1234567).Bits((ulong)k)));
    }

    [Fact]
    public void Names_are_hashed_by_Fnv1a()
    {
        Assert.Equal(0xCBF29CE484222325, RandomStream.Fnv1a(""));
        Assert.Equal(0xAF63DC4C8601EC8C, RandomStream.Fnv1a("a"));
        Assert.Equal(0x85944171F73967E8, RandomStream.Fnv1a("foobar"));
    }

    [Fact]
    public void Values_never_change()
    {
        // Computed apart from this code, from its description.
        var stream = new RandomStream(42, "encoder.layer.0.weight", RandomPurpose.Fresh);
        Assert.Equal(0x40E05A2BB784DEA6UL, stream.Bits(7, 3));
        Assert.Equal(1.039062488271137, stream.Normal(7));
        Assert.Equal(-0.47391736570876597, stream.SignedUniform(7));
    }

    [Fact]
    public void Normal_has_the_moments_of_a_normal()
    {
        var stream = new RandomStream(1, "moments", RandomPurpose.Fresh);
        const int Count = 200_000;
        double[] x = [.. Enumerable.Range(0, Count).Select(k => stream.Normal((ulong)k))];
        Assert.InRange(x.Average(), -0.01, 0.01);
        Assert.InRange(x.Average(v => v * v), 0.99, 1.01);
        Assert.InRange(x.Average(v => v * v * v), -0.03, 0.03);
        Assert.InRange(x.Average(v => v * v * v * v), 2.75, 2.95);
        Assert.All(x, v => Assert.InRange(v, -RandomStream.NormalBound, RandomStream.NormalBound));
    }

    [Fact]
    public void Uniform_has_the_moments_of_a_uniform()
    {
        var stream = new RandomStream(1, "moments", RandomPurpose.Free);
        double[] x = [.. Enumerable.Range(0, 100_000).Select(k => stream.SignedUniform((ulong)k))];
        Assert.InRange(x.Average(), -0.01, 0.01);
        Assert.InRange(x.Average(v => v * v), 0.325, 0.342);
        Assert.All(x, v => Assert.InRange(v, -1, 1));
    }

    [Fact]
    public void Seeds_names_purposes_counters_and_lanes_give_different_bits()
    {
        var bits = new HashSet<ulong>();
        foreach (ulong seed in new ulong[] { 0, 1, 2 })
        {
            foreach (string name in new[] { "", "a", "b" })
            {
                foreach (RandomPurpose purpose in Enum.GetValues<RandomPurpose>())
                {
                    var stream = new RandomStream(seed, name, purpose);
                    for (ulong k = 0; k < 1000; k++)
                    {
                        Assert.True(bits.Add(stream.Bits(k)));
                        Assert.True(bits.Add(stream.Bits(k, 1)));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float64)]
    public void Fresh_tensors_are_what_they_should_be(ElementType type)
    {
        var normal = new RandomTensorData("w", type, 50_000, FreshKind.Normal, 0.02, 9);
        double[] values = HeldData.Of(normal).Values;
        Assert.InRange(values.Average(), -5e-4, 5e-4);
        Assert.InRange(Math.Sqrt(values.Average(v => v * v)), 0.0198, 0.0202);
        Assert.Equal(values, HeldData.Doubles(normal).Select(v => ElementTypes.Round(type, v)));
        byte[] part = new byte[1001];
        normal.ReadBytes(333, part);
        Assert.Equal(HeldData.Of(normal).Bytes[333..1334], part);
        Assert.NotEqual(values, HeldData.Of(new RandomTensorData("v", type, 50_000, FreshKind.Normal, 0.02, 9)).Values);
        Assert.NotEqual(values, HeldData.Of(new RandomTensorData("w", type, 50_000, FreshKind.Normal, 0.02, 8)).Values);
        Assert.All(HeldData.Of(new RandomTensorData("w", type, 10, FreshKind.Ones, 0.02, 9)).Values, v => Assert.Equal(1, v));
        Assert.All(HeldData.Of(new RandomTensorData("w", type, 10, FreshKind.Zeros, 0.02, 9)).Bytes, b => Assert.Equal(0, b));
    }
}
