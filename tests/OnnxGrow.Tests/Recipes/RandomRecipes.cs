using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Tests.Recipes;

/// <summary>Recipes of every shape: ranks 0 to 4, any mix of roles, copies in any order, averages, zeros, scales.</summary>
internal sealed class RandomRecipes(ulong seed)
{
    private static readonly ElementType[] Types =
        [ElementType.Float32, ElementType.Float16, ElementType.BFloat16, ElementType.Float64];

    private readonly SplitMix64 _random = new(seed);

    public WeightRecipe Next()
    {
        ElementType type = _random.Pick(Types);
        int rank = _random.Int(0, 4);
        var axes = new RecipeAxis[rank];
        bool reads = false;
        for (int a = 0; a < rank; a++)
        {
            axes[a] = Axis(rank <= 2 && _random.Int(0, 5) == 0 ? 90 : rank == 4 ? 3 : 6);
            reads |= axes[a].Role == AxisRole.Reader;
        }

        int count = axes.Aggregate(1, (n, a) => n * a.Expansion.Source);
        SplitStyle split = _random.Int(0, 2) == 0 ? SplitStyle.Equal : SplitStyle.Random;
        double factor = _random.Pick(1, 1, 1, 1, 0.5, -2, 0.7, 1 / 3.0, 0);
        return new WeightRecipe
        {
            Name = $"w{_random.Int(0, 99)}",
            Source = new HeldData(type, [.. Enumerable.Range(0, count).Select(_ => Element(type))]),
            SourceDims = [.. axes.Select(a => (long)a.Expansion.Source)],
            Axes = [.. axes],
            Factor = factor,
            ZeroSum = factor == 0 && _random.Coin(),
            Offset = reads || _random.Int(0, 3) > 0 ? 0 : _random.Pick(1.0, -1),
            Split = split,
            NoiseDb = split == SplitStyle.Equal && _random.Coin() ? _random.Pick(0.0, 10, 60) : null,
            Free = _random.Int(0, 3) == 0 ? FreeFill.Zero : FreeFill.Random,
            Seed = _random.Next(),
            Rules = [],
        };
    }

    /// <summary>A recipe whose free choices come from an initialisation.</summary>
    public WeightRecipe NextWithInit()
    {
        WeightRecipe recipe = Next();
        int count = recipe.Axes.Aggregate(1, (n, a) => n * a.Expansion.Target);
        ElementType type = _random.Pick(Types);
        double size = _random.Pick(0, 0.02, 1, 1, 100);
        return recipe with { Init = new HeldData(type, [.. Enumerable.Range(0, count).Select(_ => _random.Normal() * size)]) };
    }

    private double Element(ElementType type)
    {
        double subnormal = Math.ScaleB(1, ElementTypes.MinExponent(type));
        double value = _random.Int(0, 19) switch
        {
            0 => 0,
            1 => subnormal * _random.Int(-9, 9),
            2 => subnormal * _random.Int(-9999, 9999),
            3 => _random.Int(-4, 4),
            4 => _random.Normal() * 1000,
            _ => _random.Normal() * 0.05,
        };
        return ElementTypes.Round(type, value);
    }

    private RecipeAxis Axis(int longest)
    {
        int source = _random.Int(1, longest);
        AxisRole role = _random.Pick(AxisRole.Keep, AxisRole.Writer, AxisRole.Writer, AxisRole.Reader, AxisRole.Reader, AxisRole.Gain);
        if (role == AxisRole.Keep || _random.Int(0, 7) == 0)
        {
            return new RecipeAxis(role, AxisExpansion.Identity(source));
        }

        // Every source index once, then anything at all.
        AverageBlock[] blocks = role != AxisRole.Gain && _random.Coin() ? Blocks(source) : [];
        int extra = _random.Int(0, source + 3);
        int[] map = new int[source + extra];
        for (int j = 0; j < map.Length; j++)
        {
            map[j] = j < source ? j
                : _random.Int(0, 3) switch
                {
                    0 => AxisExpansion.Zero,
                    1 when blocks.Length > 0 => -2 - _random.Int(0, blocks.Length - 1),
                    _ => _random.Coin() ? (j % source) : _random.Int(0, source - 1),
                };
        }

        if (_random.Coin())
        {
            Shuffle(map);
        }

        double scale = role == AxisRole.Gain ? 1 : _random.Pick(1, 1, 1, 2, 0.25, 1.3);
        return new RecipeAxis(role, new AxisExpansion(source, map, [.. blocks], scale));
    }

    private AverageBlock[] Blocks(int source)
    {
        if (_random.Coin())
        {
            return [new AverageBlock(0, source)];
        }

        int start = _random.Int(0, source - 1);
        return [new AverageBlock(start, _random.Int(1, source - start)), new AverageBlock(0, _random.Int(1, source))];
    }

    private void Shuffle(int[] map)
    {
        for (int j = map.Length - 1; j > 0; j--)
        {
            int k = _random.Int(0, j);
            (map[j], map[k]) = (map[k], map[j]);
        }
    }
}
