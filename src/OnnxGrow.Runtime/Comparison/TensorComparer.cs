namespace OnnxGrow.Runtime.Comparison;

/// <summary>Compares two tensors; see <see cref="TensorComparison"/> for what each figure means.</summary>
public static class TensorComparer
{
    /// <summary>Compares a tensor of the source with the grown model's.</summary>
    public static TensorComparison Compare(string name, RuntimeTensor source, RuntimeTensor grown)
    {
        var result = new TensorComparison
        {
            Name = name,
            Source = source.ToString(),
            Grown = grown.ToString(),
            IsFloat = source.IsFloat,
            Count = source.Count,
        };
        if (source.ElementType != grown.ElementType)
        {
            return result with { Mismatch = $"the types differ: {source.ElementType} and {grown.ElementType}" };
        }

        if (!source.Dims.SequenceEqual(grown.Dims))
        {
            return result with { Mismatch = $"the shapes differ: {source} and {grown}" };
        }

        double[] a = source.ToDoubles();
        double[] b = grown.ToDoubles();
        result = Elements(result, source, grown, a, b);
        return source.IsFloat && source.Dims is [.., > 1 and var row] ? RowComparer.Compare(result, a, b, (int)row) : result;
    }

    private static TensorComparison Elements(
        TensorComparison result, RuntimeTensor source, RuntimeTensor grown, double[] a, double[] b)
    {
        double largest = Magnitudes.Largest(a);
        double scale = Magnitudes.Scale(a, largest);
        var ulps = new UlpHistogram(source.ElementType);
        var total = default(Totals);
        long nanSource = 0, nanGrown = 0, nanBoth = 0, infinity = 0, worst = -1;
        double absolute = 0, relative = 0;
        for (int i = 0; i < a.Length; i++)
        {
            if (!double.IsFinite(a[i]) || !double.IsFinite(b[i]))
            {
                bool an = double.IsNaN(a[i]), bn = double.IsNaN(b[i]);
                nanBoth += an && bn ? 1 : 0;
                nanSource += an && !bn ? 1 : 0;
                nanGrown += bn && !an ? 1 : 0;
                infinity += !an && !bn && a[i] != b[i] ? 1 : 0;
                total.Broken |= a[i] != b[i];
                worst = a[i] != b[i] && worst < 0 ? i : worst;
                continue;
            }

            double apart = Math.Abs(a[i] - b[i]);
            absolute = Math.Max(absolute, apart);
            double share = apart / Math.Max(Math.Abs(a[i]), scale);
            if (share > relative)
            {
                relative = share;
                worst = i;
            }

            total.Add(a[i], b[i]);
            ulps.Add(source, grown, i, Math.Abs(a[i]) >= scale);
        }

        return result with
        {
            MaxAbsolute = absolute,
            MaxRelativeToLargest = absolute / Math.Max(largest, Magnitudes.SmallestNormal),
            MaxRelative = relative,
            Scale = scale,
            WorstIndex = worst < 0 ? null : Index(worst, source.Dims),
            MaxUlp = ulps.Max,
            UlpHistogram = ulps.Buckets,
            Cosine = source.IsFloat ? total.Cosine : null,
            NaNInSource = nanSource,
            NaNInGrown = nanGrown,
            NaNInBoth = nanBoth,
            InfinityDiffers = infinity,
        };
    }

    private static long[] Index(long flat, IReadOnlyList<long> dims)
    {
        long[] index = new long[dims.Count];
        for (int axis = dims.Count - 1; axis >= 0; axis--)
        {
            flat = Math.DivRem(flat, dims[axis], out index[axis]);
        }

        return index;
    }

    private struct Totals
    {
        private double _aa;
        private double _ab;
        private double _bb;

        public bool Broken;

        public readonly double? Cosine =>
            Broken || _aa == 0 || _bb == 0 || !double.IsFinite(_aa * _bb) ? null : Math.Clamp(_ab / Math.Sqrt(_aa) / Math.Sqrt(_bb), -1, 1);

        public void Add(double a, double b)
        {
            _aa += a * a;
            _ab += a * b;
            _bb += b * b;
        }
    }
}
