using System.Diagnostics;
using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport.Random;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>
/// Reads inputs in all ways in which the project reads such files, and judges what comes of it: success, or an error of one
/// line that is the caller's to mend. Anything else is a finding.
/// </summary>
public sealed class FuzzReader : IDisposable
{
    /// <summary>The longest error that a person still reads.</summary>
    public const int LongestMessage = 4000;

    // Larger grown models are planned and laid out, not written.
    private const long LargestWritten = 16 << 20;

    private readonly FuzzLimits _limits;
    private readonly TemporaryFolder _folder = new();
    private readonly OnnxModel _planned;
    private readonly ModelMap _plannedMap;

    /// <summary>A reader with limits.</summary>
    public FuzzReader(FuzzLimits limits)
    {
        _limits = limits;
        File.WriteAllBytes(_folder.File(ExternalMutator.SecretName), ExternalMutator.Secret);
        _planned = OnnxModel.FromProto(RandomTransformer.Build(new TransformerShape { Bias = true }, 1));
        _plannedMap = ModelMap.Of(_planned);
    }

    /// <summary>Reads an input.</summary>
    public FuzzOutcome Read(FuzzInput input)
    {
        long allocated = Allocated();
        TimeSpan time = Environment.CpuUsage.TotalTime;
        FuzzOutcome outcome = Judged(input);
        time = Environment.CpuUsage.TotalTime - time;
        allocated = Allocated() - allocated;
        if (outcome.Verdict == FuzzVerdict.Finding)
        {
            return outcome;
        }

        if (allocated > _limits.AllocatedBytes)
        {
            return new FuzzOutcome(FuzzVerdict.Finding, "allocated too much", string.Create(CultureInfo.InvariantCulture, $"allocated {allocated >> 20} MiB; {outcome.Text}"));
        }

        return _limits.ProcessorTime is { } most && time > most
            ? new FuzzOutcome(FuzzVerdict.Finding, "took too long", string.Create(CultureInfo.InvariantCulture, $"took {time.TotalSeconds:0.0} s of processor time; {outcome.Text}"))
            : outcome;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _planned.Dispose();
        _folder.Dispose();
    }

    private FuzzOutcome Judged(FuzzInput input)
    {
        try
        {
            switch (input.Target)
            {
                case FuzzTarget.Model:
                    ReadModel(Written(input.Bytes, FolderImage.ModelName), (ulong)input.Bytes.Length);
                    break;
                case FuzzTarget.Data:
                    ReadFolder(input.Bytes);
                    break;
                case FuzzTarget.Plan:
                    ReadPlan(Written(input.Bytes, "plan.yaml"));
                    break;
                default:
                    ReadGrown(Written(input.Bytes, FolderImage.ModelName));
                    break;
            }

            return new FuzzOutcome(FuzzVerdict.Taken, "", "");
        }
        catch (Exception e) when (e is BadInputException or CannotGrowException)
        {
            return WrongWith(e.Message) is { } wrong
                ? new FuzzOutcome(FuzzVerdict.Finding, $"{wrong} at {Place(e)}", e.ToString())
                : new FuzzOutcome(FuzzVerdict.Refused, "", e.Message);
        }
        catch (Exception e)
        {
            return new FuzzOutcome(FuzzVerdict.Finding, $"{e.GetType().Name} at {Place(e)}", e.ToString());
        }
    }

    private static void ReadModel(string path, ulong seed)
    {
        using OnnxModel model = OnnxModel.Open(path);
        ModelMap map = ModelMap.Of(model);
        var r = new SplitMix64(seed);
        if (r.Int(0, 3) == 0)
        {
            Growability.Of(map);
        }

        Write(model);
        // Refusals of one growth say nothing of the next.
        CannotGrowException? refused = null;
        foreach (Func<GrowthPlan> plan in Plans(map, r))
        {
            try
            {
                using GrownModel grown = Grower.Grow(map, plan());
                Write(grown.Model);
            }
            catch (CannotGrowException e) when (WrongWith(e.Message) is null)
            {
                refused ??= e;
            }
        }

        if (refused is not null)
        {
            throw new CannotGrowException(refused.Message, refused);
        }
    }

    private static IEnumerable<Func<GrowthPlan>> Plans(ModelMap map, SplitMix64 r) =>
    [
        () => Planner.Plan(map, new GrowthRequest { Hidden = (map.Hidden?.Extent ?? 4) * 2, Layers = map.Layers.Count + 1, WidenInterface = r.Coin() }),
        () => Planner.Plan(map, new GrowthRequest { Ffn = (map.Of(DimensionRole.Ffn).FirstOrDefault()?.Extent ?? 4) + 3, Method = r.Pick("lemon", "net2net", "random", "stack") }),
        () => PlanDraw.Draw(map, r),
    ];

    private static byte[] Write(OnnxModel model) => model.InlineSize() <= LargestWritten ? model.ToBytes() : [];

    private void ReadFolder(byte[] zip)
    {
        string folder = _folder.File("folder");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        FolderImage.Read(zip).Write(folder);
        string path = Path.Combine(folder, FolderImage.ModelName);
        using OnnxModel model = OnnxModel.Open(path);
        if (Write(model).AsSpan().IndexOf(ExternalMutator.Secret.AsSpan(0, 32)) >= 0)
        {
            throw new InvalidOperationException("a file outside of the model's folder was read");
        }

        ReadModel(path, (ulong)zip.Length);
    }

    private void ReadPlan(string path)
    {
        GrowthPlan plan = PlanFile.Load(path);
        // A plan that was read can be written and read again, and is the same.
        string text = PlanFile.ToJson(plan);
        if (PlanFile.ToJson(PlanFile.Parse(text, "the plan")) != text)
        {
            throw new InvalidOperationException("the plan is another after it was written and read");
        }

        using GrownModel grown = Grower.Grow(_plannedMap, plan);
        Write(grown.Model);
    }

    private static void ReadGrown(string path)
    {
        using OnnxModel grown = OnnxModel.Open(path);
        using ShrunkModel shrunk = Shrinker.Shrink(grown);
        shrunk.Check(shrunk.Model);
        Write(shrunk.Model);
    }

    private string Written(byte[] bytes, string name)
    {
        string path = _folder.File(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private long Allocated() => _limits.WholeProcess ? GC.GetTotalAllocatedBytes() : GC.GetAllocatedBytesForCurrentThread();

    private static string? WrongWith(string message) =>
        message.Length == 0 ? "an empty message"
        : message.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format) ? "a message that writes to the terminal"
        : message.Length > LongestMessage ? "a message that nobody reads"
        : null;

    // The innermost method of the project that the exception passed.
    private static string Place(Exception e)
    {
        foreach (StackFrame frame in new StackTrace(e).GetFrames())
        {
            if (frame.GetMethod() is { DeclaringType: { } type } method && type.FullName?.StartsWith("OnnxGrow.", StringComparison.Ordinal) == true)
            {
                return $"{type.FullName}.{method.Name}";
            }
        }

        return "?";
    }
}
