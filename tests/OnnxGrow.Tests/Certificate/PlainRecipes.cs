using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Tests.Recipes;

namespace OnnxGrow.Tests.Certificate;

/// <summary>Recipes of copies and shares alone, in long runs: those that the certificate has a short way for.</summary>
internal sealed class PlainRecipes(ulong seed)
{
    private readonly SplitMix64 _random = new(seed);

    public WeightRecipe Next(ElementType type)
    {
        int rank = _random.Int(1, 3);
        RecipeAxis[] axes = [.. Enumerable.Range(0, rank).Select(a => Axis(a == rank - 1 ? 70 : 5))];
        int count = axes.Aggregate(1, (n, a) => n * a.Expansion.Source);
        return new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(type, [.. Enumerable.Range(0, count).Select(_ => ElementTypes.Round(type, Element(type)))]),
            SourceDims = [.. axes.Select(a => (long)a.Expansion.Source)],
            Axes = [.. axes],
            Split = _random.Coin() ? SplitStyle.Random : SplitStyle.Equal,
            Seed = _random.Next(),
            Rules = [],
        };
    }

    private double Element(ElementType type) => _random.Int(0, 29) switch
    {
        0 => 0,
        1 => -0.0,
        2 => Math.ScaleB(_random.Int(-99, 99), ElementTypes.MinExponent(type)),
        3 => 1000 * _random.Normal(),
        _ => 0.05 * _random.Normal(),
    };

    private RecipeAxis Axis(int longest)
    {
        int source = _random.Int(1, longest);
        AxisRole role = _random.Pick(AxisRole.Keep, AxisRole.Writer, AxisRole.Writer, AxisRole.Reader, AxisRole.Reader);
        if (role == AxisRole.Keep)
        {
            return new RecipeAxis(role, AxisExpansion.Identity(source));
        }

        // All of the source once, then some of it again, in runs, and perhaps zeros.
        var map = new List<int>(Enumerable.Range(0, source));
        for (int n = _random.Int(0, 4); n > 0; n--)
        {
            int start = _random.Coin() ? 0 : _random.Int(0, source - 1);
            int length = start == 0 && _random.Coin() ? source : _random.Int(1, source - start);
            map.AddRange(_random.Int(0, 4) == 0 ? Enumerable.Repeat(AxisExpansion.Zero, length) : Enumerable.Range(start, length));
        }

        return new RecipeAxis(role, new AxisExpansion(source, [.. map], []));
    }
}
