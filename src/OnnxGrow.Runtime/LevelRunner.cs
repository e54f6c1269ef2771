using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime;

/// <summary>Runs two models on the same cases and puts together how far their outputs are apart.</summary>
internal sealed class LevelRunner(EquivalenceOptions options, LevelReport level)
{
    private readonly Dictionary<string, OutputReport> _outputs = new(StringComparer.Ordinal);
    private readonly List<CaseReport> _cases = [];

    /// <param name="source">The source, or what stands for it.</param>
    /// <param name="grown">The grown model, or what stands for it.</param>
    /// <param name="cases">The inputs.</param>
    /// <param name="inFloat64">Whether both take float64 for any floating-point input.</param>
    public LevelReport Run(OrtSession source, OrtSession grown, IReadOnlyList<InputCase> cases, bool inFloat64)
    {
        foreach (InputCase each in cases)
        {
            IReadOnlyDictionary<string, RuntimeTensor> inputs = Convert(each.Inputs, inFloat64);
            IReadOnlyDictionary<string, RuntimeTensor> expected = source.Run(inputs);
            IReadOnlyDictionary<string, RuntimeTensor> actual;
            try
            {
                actual = options.Interface is { } mapped ? mapped.Outputs(grown.Run(mapped.Inputs(inputs))) : grown.Run(inputs);
            }
            catch (NotVerifiedException e)
            {
                // The source runs on this case: that the grown model does not is a difference.
                _cases.Add(new CaseReport(each.Name, Verdict.NotEquivalent, null, $"the source runs, the grown model does not: {e.Message}"));
                continue;
            }

            Compare(each.Name, options.Interface?.Expected(expected) ?? expected, actual);
        }

        return Result();
    }

    private void Compare(
        string name, IReadOnlyDictionary<string, RuntimeTensor> expected, IReadOnlyDictionary<string, RuntimeTensor> actual)
    {
        TensorComparison[] all = [.. expected.Select(e => actual.TryGetValue(e.Key, out RuntimeTensor? other)
            ? TensorComparer.Compare(e.Key, e.Value, other)
            : new TensorComparison { Name = e.Key, Source = e.Value.ToString(), Grown = "", Mismatch = "the grown model lacks it" })];
        foreach (TensorComparison one in all)
        {
            Merge(name, one);
        }

        Verdict verdict = Verdicts.All(all.Select(c => c.Judge(level.Tolerance)));
        TensorComparison? worst = Worst(all);
        _cases.Add(new CaseReport(
            name, verdict, Required(all.Select(c => c.RequiredTolerance)), verdict == Verdict.Equivalent || worst is null ? null : Describe(worst)));
    }

    private void Merge(string name, TensorComparison one)
    {
        Verdict verdict = one.Judge(level.Tolerance);
        if (!_outputs.TryGetValue(one.Name, out OutputReport? before))
        {
            _outputs.Add(one.Name, new OutputReport(
                one.Name, verdict, name, one, one.MaxAbsolute, one.MaxUlp, one.UlpHistogram, one.ArgMaxAgreement, one.MaxKl));
            return;
        }

        bool worse = Worst([before.Worst, one]) == one;
        _outputs[one.Name] = before with
        {
            Verdict = Verdicts.All([before.Verdict, verdict]),
            WorstCase = worse ? name : before.WorstCase,
            Worst = worse ? one : before.Worst,
            MaxAbsolute = Math.Max(before.MaxAbsolute, one.MaxAbsolute),
            MaxUlp = Math.Max(before.MaxUlp, one.MaxUlp),
            UlpHistogram = Sum(before.UlpHistogram, one.UlpHistogram),
            ArgMaxAgreement = Least(before.ArgMaxAgreement, one.ArgMaxAgreement),
            MaxKl = -Least(-before.MaxKl, -one.MaxKl),
        };
    }

    private LevelReport Result()
    {
        Verdict verdict = _cases.Count == 0 ? Verdict.NotVerified : Verdicts.All(_cases.Select(c => c.Verdict));
        CaseReport? worst = _cases.Where(c => c.Verdict == verdict)
            .OrderByDescending(c => c.RequiredTolerance ?? double.PositiveInfinity).FirstOrDefault();
        return level with
        {
            Verdict = verdict,
            Reason = verdict == Verdict.Equivalent ? null : worst is null ? "there was no case to run" : $"{worst.Name}: {worst.Difference}",
            RequiredTolerance = Required(_cases.Select(c => c.RequiredTolerance)),
            Outputs = [.. _outputs.Values],
            Cases = _cases,
        };
    }

    private static Dictionary<string, RuntimeTensor> Convert(IReadOnlyDictionary<string, RuntimeTensor> inputs, bool inFloat64) =>
        inputs.ToDictionary(
            i => i.Key, i => inFloat64 && i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float64) : i.Value, StringComparer.Ordinal);

    private static TensorComparison? Worst(IEnumerable<TensorComparison> all) =>
        all.MaxBy(c => (c.IsHopeless, c.NaNInBoth > 0, c.MaxRelative));

    private static double? Required(IEnumerable<double?> tolerances)
    {
        double most = 0;
        foreach (double? each in tolerances)
        {
            if (each is null)
            {
                return null;
            }

            most = Math.Max(most, each.Value);
        }

        return most;
    }

    private static double? Least(double? a, double? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);

    private static long[] Sum(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        long[] sum = new long[Math.Max(a.Count, b.Count)];
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] = (i < a.Count ? a[i] : 0) + (i < b.Count ? b[i] : 0);
        }

        return sum;
    }

    private string Describe(TensorComparison c)
    {
        string name = $"output '{Text.Name(c.Name)}'";
        string place = c.WorstIndex is null ? "" : $" at [{string.Join(", ", c.WorstIndex)}]";
        return c.Mismatch is not null ? $"{name}: {c.Mismatch}"
            : c.NaNInSource + c.NaNInGrown > 0 ? $"{name}: {c.NaNInGrown} entries are NaN in the grown model only, {c.NaNInSource} in the source only"
            : c.InfinityDiffers > 0 ? $"{name}: {c.InfinityDiffers} entries are infinite in one model only"
            : !c.IsFloat && c.MaxAbsolute > 0 ? $"{name}: integers differ by up to {c.MaxAbsolute:R}{place}"
            : c.MaxRelative > level.Tolerance ? FormattableString.Invariant(
                $"{name}: {c.MaxRelative:0.##e+0} apart{place}, allowed {level.Tolerance:0.##e+0}")
            : $"{name}: {c.NaNInBoth} entries are NaN in both models, of which nothing can be said";
    }
}
