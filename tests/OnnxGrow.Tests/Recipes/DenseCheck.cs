using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Tests.Recipes;

/// <summary>
/// W~ P_in = P_out W with P as dense matrices of fractions and every sum exact: as slow, and as plain, as can be.
/// </summary>
internal sealed class DenseCheck
{
    private readonly WeightRecipe _recipe;
    private readonly double[] _source;
    private readonly double[] _grown;
    private readonly Rational[][,] _p;

    public DenseCheck(WeightRecipe recipe, double[] grown)
    {
        _recipe = recipe;
        _source = HeldData.Doubles(recipe.Source);
        _grown = grown;
        _p = [.. recipe.Axes.Select(Dense)];
    }

    /// <summary>The number of equations whose residual is larger than the bound; those of free entries do not count.</summary>
    public int Failures(Exactness exactness)
    {
        int failures = 0;
        int[] extents = [.. _recipe.Axes.Select(a => a.Role == AxisRole.Reader ? a.Expansion.Source : a.Expansion.Target)];
        foreach (int[] e in Indices(extents))
        {
            if (Enumerable.Range(0, e.Length).Any(a => _recipe.Axes[a].Role == AxisRole.Gain && _recipe.Axes[a].Expansion.Map[e[a]] < 0))
            {
                continue;
            }

            (Rational left, Rational magnitude) = Left(e);
            (Rational right, double largest) = Right(e);
            if (!(left - right).Magnitude.AtMost(Bound(exactness, right, magnitude, largest)))
            {
                failures++;
            }
        }

        return failures;
    }

    private Rational Bound(Exactness exactness, Rational right, Rational magnitude, double largest)
    {
        ElementType type = _recipe.Source.ElementType;
        double subnormal = Math.ScaleB(1, ElementTypes.MinExponent(type));
        Rational scale = Rational.Of(1);
        foreach (RecipeAxis axis in _recipe.Axes.Where(a => a.Role == AxisRole.Reader))
        {
            scale *= Rational.Of(axis.Expansion.Scale);
        }

        if (exactness <= Exactness.ExactWeights)
        {
            // Only a scale can take an entry below the numbers of the type.
            double smallestNormal = Math.ScaleB(subnormal, ElementTypes.SignificandBits(type) - 1);
            bool small = RecipeLayout.CoefficientOf(_recipe) != 1 && right.Magnitude.AtMost(Rational.Of(smallestNormal) * scale);
            return small ? Rational.Of(subnormal) * scale / (type == ElementType.Float64 ? 1 : 2) : Rational.Zero;
        }

        return (Rational.Of(Math.ScaleB(1, -ElementTypes.SignificandBits(type))) * magnitude)
            + (Rational.Of(100 * subnormal) * scale)
            + (Rational.Of(largest * Math.ScaleB(1, -48)) * scale);
    }

    /// <summary>The sum over the grown entries, each times P of the readers; and the sum of the magnitudes.</summary>
    private (Rational Sum, Rational Magnitude) Left(int[] equation)
    {
        Rational sum = Rational.Zero;
        Rational magnitude = Rational.Zero;
        int[] rows = [.. _recipe.Axes.Select(a => a.Role == AxisRole.Reader ? a.Expansion.Target : 1)];
        foreach (int[] j in Indices(rows))
        {
            Rational weight = Rational.Of(1);
            long position = 0;
            for (int a = 0; a < rows.Length; a++)
            {
                bool reads = _recipe.Axes[a].Role == AxisRole.Reader;
                int index = reads ? j[a] : equation[a];
                weight = reads ? weight * _p[a][index, equation[a]] : weight;
                position = (position * _recipe.Axes[a].Expansion.Target) + index;
            }

            if (!weight.IsZero)
            {
                Rational term = Rational.Of(_grown[position]) * weight;
                sum += term;
                magnitude += term.Magnitude;
            }
        }

        return (sum, magnitude);
    }

    private (Rational Sum, double Largest) Right(int[] equation)
    {
        Rational offset = Rational.Of(_recipe.Offset);
        Rational sum = Rational.Zero;
        Rational weights = Rational.Zero;
        double largest = Math.Abs(_recipe.Offset);
        int[] columns = [.. _recipe.Axes.Select(a => a.Role == AxisRole.Reader ? 1 : a.Expansion.Source)];
        foreach (int[] i in Indices(columns))
        {
            Rational weight = Rational.Of(1);
            long position = 0;
            for (int a = 0; a < columns.Length; a++)
            {
                bool reads = _recipe.Axes[a].Role == AxisRole.Reader;
                int index = reads ? equation[a] : i[a];
                weight = reads ? weight : weight * _p[a][equation[a], index];
                position = (position * _recipe.Axes[a].Expansion.Source) + index;
            }

            if (!weight.IsZero)
            {
                sum += weight * (Rational.Of(_source[position]) + offset);
                weights += weight;
                largest = Math.Max(largest, Math.Abs(_source[position]));
            }
        }

        Rational right = weights.IsZero ? Rational.Zero : (sum * Rational.Of(_recipe.Factor)) - offset;
        double scales = _recipe.Axes.Aggregate(1.0, (s, a) => s * Math.Max(a.Expansion.Scale, 1 / a.Expansion.Scale));
        return (right, largest * (1 + Math.Abs(_recipe.Factor)) * scales);
    }

    private static Rational[,] Dense(RecipeAxis axis)
    {
        AxisExpansion expansion = axis.Expansion;
        var p = new Rational[expansion.Target, expansion.Source];
        double scale = axis.Role is AxisRole.Reader or AxisRole.Writer ? expansion.Scale : 1;
        for (int j = 0; j < expansion.Target; j++)
        {
            for (int i = 0; i < expansion.Source; i++)
            {
                p[j, i] = Rational.Zero;
            }

            int from = expansion.Map[j];
            if (from >= 0)
            {
                p[j, from] = Rational.Of(scale);
            }
            else if (from != AxisExpansion.Zero)
            {
                (int start, int count) = expansion.Blocks[-2 - from];
                for (int i = start; i < start + count; i++)
                {
                    p[j, i] = Rational.Of(scale) / count;
                }
            }
        }

        return p;
    }

    private static IEnumerable<int[]> Indices(int[] extents)
    {
        if (extents.Contains(0))
        {
            yield break;
        }

        int[] index = new int[extents.Length];
        while (true)
        {
            yield return index;
            int a = index.Length - 1;
            while (a >= 0 && ++index[a] == extents[a])
            {
                index[a--] = 0;
            }

            if (a < 0)
            {
                yield break;
            }
        }
    }
}
