using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>
/// Makes inputs for a model from the model itself: token ids over the whole table, masks with padding, several batch
/// sizes, and lengths from 1 to the longest that the model takes. The same seed gives the same inputs on every machine.
/// </summary>
public sealed class InputGenerator
{
    /// <summary>The longest sequence that is tried, unless asked otherwise.</summary>
    public const long DefaultMaxLength = 128;

    /// <summary>Up to this many weight uses (weights times positions) every length is run; beyond, a choice of lengths.</summary>
    private const double SweepLimit = 5e10;

    private const int MaxPlans = 64;

    private readonly OnnxModel _model;
    private readonly ulong _seed;
    private readonly Func<IReadOnlyDictionary<string, RuntimeTensor>, TrialRun> _run;
    private readonly InputClassifier _classifier;
    private readonly IReadOnlyList<InputMeaning> _inputs;
    private string _error = "";

    private InputGenerator(OnnxModel model, ulong seed, Func<IReadOnlyDictionary<string, RuntimeTensor>, TrialRun> run)
    {
        _model = model;
        _seed = seed;
        _run = run;
        _classifier = new InputClassifier(model);
        _inputs = _classifier.Classify();
    }

    /// <summary>Makes the cases for a model.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="seed">Decides all random choices.</param>
    /// <param name="maxLength">The longest sequence to try.</param>
    /// <param name="run">Runs the model; extents and masks that it takes are found out with it.</param>
    /// <exception cref="NotVerifiedException">No inputs were found that the model runs on.</exception>
    public static InputSet Generate(
        OnnxModel model, ulong seed, long maxLength, Func<IReadOnlyDictionary<string, RuntimeTensor>, TrialRun> run) =>
        new InputGenerator(model, seed, run).Generate(Math.Max(1, maxLength));

    private InputSet Generate(long maxLength)
    {
        DimPlan plan = FindPlan(maxLength);
        var notes = new List<string>(plan.Describe());
        long longest = 1, shortest = 1;
        if (plan.HasLength)
        {
            (shortest, longest) = LengthRange.Find(maxLength, _classifier.LengthHints(), length => Runs(plan, new CaseSize(2, length, 4)));
            notes.Add(longest == maxLength
                ? $"lengths {shortest} to {longest} (the limit asked for; the model may take longer ones)"
                : $"lengths {shortest} to {longest}, the longest that the model takes");
        }

        MaskStyle masks = FindMasks(plan, longest, notes);
        var maker = new CaseMaker(_inputs, _seed, masks);
        bool empty = plan.HasPast && Runs(plan, new CaseSize(2, Math.Min(2, longest), 0));
        var cases = new List<InputCase>();
        foreach (CaseSize size in CaseSizes.Make(plan, shortest, longest, Sweeps(longest), empty))
        {
            cases.Add(new InputCase(NameOf(plan, size, cases.Count), maker.Make(plan, size, cases.Count)));
        }

        InputMeaning[] inputs = [.. _inputs.Select(i => i with { RowsUsed = maker.RowsUsed(i.Name) })];
        return new InputSet { Cases = cases, Inputs = inputs, Notes = notes };
    }

    private DimPlan FindPlan(long maxLength)
    {
        DimPlan[] plans = [.. DimPlan.Candidates(_inputs).Take(MaxPlans)];
        foreach (long length in new[] { 5, 8, 1, 16, maxLength }.Where(l => l <= maxLength).Distinct())
        {
            foreach (DimPlan plan in plans)
            {
                // Two sizes, none of which is the sum of others: a model that runs on both is not run by chance.
                if (Runs(plan, new CaseSize(2, length, 4)) && Runs(plan, new CaseSize(3, length, 7)))
                {
                    return plan;
                }
            }
        }

        throw new NotVerifiedException(
            ErrorCode.NoInputs, $"no inputs were found that the model runs on ({plans.Length} ways to set its dynamic extents were tried); "
            + $"give inputs with --inputs. The last error: {_error}");
    }

    // A causal model with padding on the left attends to nothing at first, and some kernels answer with NaN, of which
    // nothing can be said: such masks are left out.
    private MaskStyle FindMasks(DimPlan plan, long longest, List<string> notes)
    {
        if (_inputs.All(i => i.Kind != InputKind.Mask))
        {
            return MaskStyle.All;
        }

        foreach (MaskStyle style in new[] { MaskStyle.All, MaskStyle.Right })
        {
            var maker = new CaseMaker(_inputs, _seed, style);
            bool clean = true;
            for (int ordinal = 0; clean && ordinal < 6; ordinal++)
            {
                var size = new CaseSize(2, ordinal % 2 == 0 ? 1 : Math.Min(5, longest), plan.HasPast ? 3 : 0);
                clean = !_run(maker.Make(plan, size, ordinal)).HasNaN;
            }

            if (clean)
            {
                return style;
            }

            notes.Add(style == MaskStyle.All
                ? "masks are padded on the right only: the source gives NaN where they are padded on the left or have holes"
                : "masks are all ones: the source gives NaN under any padding");
        }

        return MaskStyle.Whole;
    }

    private bool Runs(DimPlan plan, CaseSize size)
    {
        string? error = _run(new CaseMaker(_inputs, _seed, MaskStyle.All).Make(plan, size, 0)).Error;
        _error = error ?? _error;
        return error is null;
    }

    private bool Sweeps(long longest)
    {
        double weights = _model.Proto.Graph.Initializer.Sum(t => (double)Tensors.CountOf(t));
        return Math.Max(weights, 1e4) * longest * (longest + 1) <= SweepLimit;
    }

    private static string NameOf(DimPlan plan, CaseSize size, int index)
    {
        var parts = new List<string>();
        if (plan.HasBatch)
        {
            parts.Add(FormattableString.Invariant($"batch {size.Batch}"));
        }

        if (plan.HasLength)
        {
            parts.Add(FormattableString.Invariant($"length {size.Length}"));
        }

        if (plan.HasPast)
        {
            parts.Add(FormattableString.Invariant($"past {size.Past}"));
        }

        return FormattableString.Invariant($"case {index + 1}") + (parts.Count == 0 ? "" : ": " + string.Join(", ", parts));
    }
}
