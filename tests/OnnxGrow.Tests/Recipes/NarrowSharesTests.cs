using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Recipes;

public sealed class NarrowSharesTests
{
    private static readonly RandomStream Stream = new(5, "w", RandomPurpose.Shares);

    public static TheoryData<ElementType, int> Cases
    {
        get
        {
            var cases = new TheoryData<ElementType, int>();
            foreach (ElementType type in new[] { ElementType.Float32, ElementType.Float16, ElementType.BFloat16 })
            {
                foreach (int copies in new[] { 2, 3, 5, 8 })
                {
                    cases.Add(type, copies);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Are_what_integer_arithmetic_gives(ElementType type, int copies)
    {
        double[] entries = Entries(type);
        for (int ordinal = 0; ordinal < copies; ordinal++)
        {
            double[] shares = Split(entries, type, 11, ordinal, copies);
            for (int i = 0; i < entries.Length; i++)
            {
                Assert.Equal(ByIntegers(entries[i], type, 11 + (ulong)i, ordinal, copies), shares[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sum_to_their_entry_and_can_be_stored(ElementType type, int copies)
    {
        double[] entries = Entries(type);
        double[] sums = new double[entries.Length];
        for (int ordinal = 0; ordinal < copies; ordinal++)
        {
            double[] shares = Split(entries, type, 0, ordinal, copies);
            for (int i = 0; i < shares.Length; i++)
            {
                Assert.Equal(shares[i], ElementTypes.Round(type, shares[i]));
                sums[i] += shares[i];
            }
        }

        Assert.Equal(entries, sums);
    }

    [Fact]
    public void Do_not_depend_on_what_is_computed_together()
    {
        double[] entries = Entries(ElementType.Float32);
        double[] whole = Split(entries, ElementType.Float32, 100, 1, 3);
        for (int start = 0; start < 20; start++)
        {
            for (int length = 0; length < 20; length++)
            {
                Assert.Equal(
                    whole[start..(start + length)],
                    Split(entries[start..(start + length)], ElementType.Float32, 100 + start, 1, 3));
            }
        }
    }

    [Fact]
    public void The_first_copy_keeps_what_is_no_number()
    {
        double[] entries = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1];
        double[] first = Split(entries, ElementType.Float32, 0, 0, 2);
        double[] second = Split(entries, ElementType.Float32, 0, 1, 2);
        Assert.Equal(entries[..3], first[..3]);
        Assert.Equal([0, 0, 0], second[..3]);
        Assert.Equal(1, first[3] + second[3]);
    }

    [Fact]
    public void Entries_between_stored_values_leave_their_rest_to_the_last_copy()
    {
        double[] entries = [1 + Math.ScaleB(1, -40), -3.0000000001];
        double[] first = Split(entries, ElementType.Float32, 0, 0, 2);
        double[] second = Split(entries, ElementType.Float32, 0, 1, 2);
        Assert.All(first, share => Assert.Equal(share, (float)share));
        Assert.Equal(entries, first.Zip(second, (a, b) => a + b));
    }

    /// <summary>The definition, one entry at a time: floor(floor(|entry| / grid) * draw / 2^28 * 2 / copies) steps of the grid each.</summary>
    private static double ByIntegers(double entry, ElementType type, ulong group, int ordinal, int copies)
    {
        int exponent = entry == 0 ? int.MinValue / 2 : Math.ILogB(entry);
        int grid = Math.Max(exponent + 1 - ElementTypes.SignificandBits(type), ElementTypes.MinExponent(type));
        long whole = (long)Math.Floor(Math.ScaleB(Math.Abs(entry), -grid));
        long Draw(int lane) => 2 * whole * (long)(Stream.Bits(group, (ulong)lane) >> 36) / ((1L << 28) * copies);
        long steps = ordinal < copies - 1 ? Draw(ordinal) : whole - Enumerable.Range(0, copies - 1).Sum(Draw);
        return Math.CopySign(1, entry) * Math.ScaleB(steps, grid);
    }

    private static double[] Split(double[] entries, ElementType type, long group, int ordinal, int copies)
    {
        double[] shares = [.. entries];
        var piece = new RecipePiece { Group = group, Ordinal = ordinal, Copies = copies, Length = entries.Length };
        new NarrowShares(Stream, ElementTypes.SignificandBits(type), ElementTypes.MinExponent(type)).Split(shares, piece);
        return shares;
    }

    /// <summary>Ordinary entries, zeros, the largest and the smallest, and what lies below the normal numbers; no multiple of a vector.</summary>
    private static double[] Entries(ElementType type)
    {
        double smallest = Shares.PowerOfTwo(ElementTypes.MinExponent(type));
        double normal = smallest * (1 << (ElementTypes.SignificandBits(type) - 1));
        double largest = type == ElementType.Float16 ? 65504 : ElementTypes.Round(type, 3e38);
        return
        [
            0, -0.0, 1, -1, smallest, -smallest, 3 * smallest, normal, -normal - smallest, normal - smallest, largest, -largest,
            .. Enumerable.Range(0, 33).Select(i => ElementTypes.Round(type, Stream.Normal((ulong)i, 9) * Math.ScaleB(1, i % 9))),
        ];
    }
}
