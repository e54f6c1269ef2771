using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.Runtime.Witness;

namespace OnnxGrow.Runtime;

/// <summary>
/// Compares a grown model with its source: the certificate that the caller hands in, both graphs in float64, and both
/// models as they are. Bad options and unreadable inputs throw; all that concerns the models is in the report.
/// </summary>
public sealed class EquivalenceChecker
{
    private readonly OnnxModel _source;
    private readonly OnnxModel _grown;
    private readonly OnnxModel? _exact;
    private readonly IReadOnlyDictionary<AttributeProto, double>? _attributes;
    private readonly EquivalenceOptions _options;
    private InputSet? _inputs;

    private EquivalenceChecker(
        OnnxModel source,
        OnnxModel grown,
        OnnxModel? exact,
        IReadOnlyDictionary<AttributeProto, double>? attributes,
        EquivalenceOptions options)
    {
        _source = source;
        _grown = grown;
        _exact = exact;
        _attributes = attributes;
        _options = options;
    }

    /// <summary>Compares two models.</summary>
    /// <param name="source">The source.</param>
    /// <param name="grown">The grown model as stored.</param>
    /// <param name="grownExact">The grown model with weights that give their values before rounding; null for the stored ones.</param>
    /// <param name="exactAttributes">Float attributes of <paramref name="grownExact"/> before rounding, by identity.</param>
    /// <param name="options">What to compare and how closely.</param>
    /// <exception cref="BadInputException">An option or the folder of inputs cannot be used.</exception>
    public static EquivalenceReport Compare(
        OnnxModel source,
        OnnxModel grown,
        OnnxModel? grownExact = null,
        IReadOnlyDictionary<AttributeProto, double>? exactAttributes = null,
        EquivalenceOptions? options = null) =>
        new EquivalenceChecker(source, grown, grownExact, exactAttributes, ProofLevels.Settle(options ?? new EquivalenceOptions(), source, grown, ProofLevels.FreeMemory())).Run();

    private EquivalenceReport Run()
    {
        IReadOnlyList<string> differences = InterfaceCheck.Differences(_source, _grown, _options.Interface);
        CertificateSummary? certificate = Wants(EquivalenceLevels.Certificate) ? _options.Certificate : null;
        if (differences.Count > 0)
        {
            return Report(certificate) with
            {
                Verdict = Verdict.NotEquivalent,
                Summary = "not equivalent: " + differences[0],
                InterfaceDifferences = differences,
            };
        }

        _options.Progress?.Begin("running both models", 0);
        LevelReport? shipped = Wants(EquivalenceLevels.AsShipped) ? Level(Shipped(), RunShipped) : null;
        _options.Progress?.Begin("running both models in float64", 0);
        LevelReport? witness = Wants(EquivalenceLevels.Witness) ? Level(Lifted(), RunWitness) : null;
        if (shipped is { Verdict: Verdict.NotEquivalent } && witness is { Verdict: Verdict.Equivalent } && _options.Tolerance is null)
        {
            shipped = Level(shipped, RunAgainstOwnRounding);
        }

        LayerReport? layers = _options.Layers ? BisectLayers(witness, shipped) : null;
        EquivalenceReport report = Report(certificate) with { Witness = witness, AsShipped = shipped, Layers = layers };
        (Verdict verdict, string summary) = VerdictRule.Over(certificate, witness, shipped, _options.NotRun);
        return report with { Verdict = verdict, Summary = summary };
    }

    private bool Wants(EquivalenceLevels level) => _options.Levels.HasFlag(level);

    private EquivalenceReport Report(CertificateSummary? certificate) => new()
    {
        Source = _source.SourcePath,
        Grown = _grown.SourcePath,
        Verdict = Verdict.NotVerified,
        Summary = "",
        Certificate = certificate,
        Inputs = _inputs?.Inputs ?? [],
        InputNotes = _inputs?.Notes ?? [],
        Seed = _options.Seed,
        Runtime = Wants(EquivalenceLevels.Witness) || Wants(EquivalenceLevels.AsShipped) ? OrtSession.RuntimeVersion : null,
    };

    private LevelReport Shipped() => new()
    {
        Verdict = Verdict.NotVerified,
        Provider = _options.Provider,
        Weights = "as stored",
        Tolerance = Tolerances.AsShipped(_options, _source),
    };

    private LevelReport Lifted() => new()
    {
        Verdict = Verdict.NotVerified,
        Provider = "cpu",
        Weights = _exact is null ? "as stored" : "before rounding",
        Tolerance = Tolerances.Witness(_options, _source, _exact is not null),
    };

    private static LevelReport Level(LevelReport level, Func<LevelReport, LevelReport> run)
    {
        try
        {
            return run(level);
        }
        catch (NotVerifiedException e)
        {
            return level with { Reason = e.Message };
        }
    }

    private LevelReport RunShipped(LevelReport level)
    {
        OrtSessionOptions options = new()
        {
            Provider = _options.Provider,
            Optimization = _options.Optimization,
            Threads = _options.Threads,
            Cancellation = _options.Cancellation,
        };
        using var source = new OrtSession(_source, options);
        _inputs ??= MakeInputs(source, inFloat64: false);
        OrtSession grown;
        try
        {
            grown = new OrtSession(_grown, options);
        }
        catch (NotVerifiedException e)
        {
            return level with { Verdict = Verdict.NotEquivalent, Reason = "the source loads, the grown model does not: " + e.Message };
        }

        using (grown)
        {
            level = new LevelRunner(_options, level).Run(source, grown, _inputs.Cases, inFloat64: false);
        }

        return level.Verdict == Verdict.Equivalent && HalfRange.Difference(_source, _grown, _inputs.Cases, _options.Interface, options) is { } overflow
            ? level with { Verdict = Verdict.NotEquivalent, Reason = overflow }
            : level;
    }

    /// <summary>
    /// Two models that compute the same differ by what either rounds. Where the source itself is as far from its float64
    /// form, that is what a difference is measured by: four times it, for two models of which one sums longer rows.
    /// </summary>
    private LevelReport RunAgainstOwnRounding(LevelReport level)
    {
        using OnnxModel lifted = Float64Lift.Lift(_source);
        using var exact = new OrtSession(lifted, WitnessOptions);
        using var source = new OrtSession(_source, new OrtSessionOptions
        {
            Provider = _options.Provider,
            Optimization = _options.Optimization,
            Threads = _options.Threads,
            Cancellation = _options.Cancellation,
        });
        double worst = 0;
        foreach (InputCase each in _inputs!.Cases)
        {
            IReadOnlyDictionary<string, RuntimeTensor> wide = each.Inputs.ToDictionary(
                i => i.Key, i => i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float64) : i.Value, StringComparer.Ordinal);
            IReadOnlyDictionary<string, RuntimeTensor> expected = exact.Run(wide);
            foreach ((string name, RuntimeTensor actual) in source.Run(each.Inputs))
            {
                RuntimeTensor same = actual.IsFloat ? actual.ConvertTo(ElementType.Float64) : actual;
                worst = Math.Max(worst, TensorComparer.Compare(name, expected[name], same).RequiredTolerance ?? 0);
            }
        }

        const double TwoModels = 4;
        level = level with { OwnRounding = worst };
        return TwoModels * worst <= level.Tolerance ? level
            : RunShipped(Shipped() with { OwnRounding = worst, Tolerance = TwoModels * worst });
    }

    private LevelReport RunWitness(LevelReport level)
    {
        using OnnxModel liftedSource = Float64Lift.Lift(_source);
        using OnnxModel liftedGrown = Float64Lift.Lift(_exact ?? _grown, _attributes);
        using var source = new OrtSession(liftedSource, WitnessOptions);
        _inputs ??= MakeInputs(source, inFloat64: true);
        using var grown = new OrtSession(liftedGrown, WitnessOptions);
        return new LevelRunner(_options, level).Run(source, grown, _inputs.Cases, inFloat64: true);
    }

    private OrtSessionOptions WitnessOptions => new() { Optimization = GraphOptimization.None, Threads = _options.Threads, Cancellation = _options.Cancellation };

    private InputSet MakeInputs(OrtSession session, bool inFloat64)
    {
        if (_options.InputsDir is not null)
        {
            return InputFiles.Read(_options.InputsDir, _source);
        }

        return InputGenerator.Generate(_source, _options.Seed, _options.MaxLength, inputs => TrialRun.Of(
            session,
            inFloat64
                ? inputs.ToDictionary(i => i.Key, i => i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float64) : i.Value)
                : inputs));
    }

    private LayerReport BisectLayers(params LevelReport?[] levels)
    {
        if (_inputs is null)
        {
            return new LayerReport { Verdict = Verdict.NotVerified, Text = "no inputs were found that the source runs on" };
        }

        // One that differs; else a small one that is not the smallest, so that every kind of input has several entries.
        string? differing = levels.SelectMany(l => l?.Cases ?? []).FirstOrDefault(c => c.Verdict == Verdict.NotEquivalent)?.Name;
        InputCase small = _inputs.Cases.FirstOrDefault(c => c.Name == differing) ?? _inputs.Cases[Math.Min(3, _inputs.Cases.Count - 1)];
        try
        {
            using OnnxModel source = Float64Lift.Lift(_source);
            using OnnxModel grown = Float64Lift.Lift(_exact ?? _grown, _attributes);
            return new LayerBisect(_options, Lifted().Tolerance, inFloat64: true).Run(source, grown, _source, _grown, small);
        }
        catch (NotVerifiedException)
        {
            using OnnxModel source = _source.Clone();
            using OnnxModel grown = _grown.Clone();
            return new LayerBisect(_options, Shipped().Tolerance, inFloat64: false).Run(source, grown, _source, _grown, small);
        }
    }
}
