using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>
/// The whole main job: open a source, grow it, write the result beside its place, prove it, and only then give it its name.
/// </summary>
public sealed class GrowthJob : IDisposable
{
    private string? _hash;

    private GrowthJob(string path, OnnxModel model, CancellationToken cancellation)
    {
        SourcePath = path;
        Model = model;
        Map = ModelMap.Of(model, cancellation);
    }

    /// <summary>The source file.</summary>
    public string SourcePath { get; }

    /// <summary>The source.</summary>
    public OnnxModel Model { get; }

    /// <summary>What it is made of.</summary>
    public ModelMap Map { get; }

    /// <summary>Opens and analyses a source.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may ask of the machine; null for the default.</param>
    /// <param name="cancellation">Stops the analysis.</param>
    /// <exception cref="BadInputException">The file is no usable ONNX model.</exception>
    public static GrowthJob Open(string path, ReadLimits? limits = null, CancellationToken cancellation = default)
    {
        OnnxModel model = OnnxModel.Open(path, limits);
        try
        {
            return new GrowthJob(path, model, cancellation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Makes a complete plan of what is asked for, tied to this source.</summary>
    /// <param name="request">What is to grow.</param>
    /// <exception cref="BadInputException">The initialisation that is asked for cannot be read.</exception>
    /// <exception cref="CannotGrowException">The request does not fit the model; the message gives the nearest that does.</exception>
    public GrowthPlan Plan(GrowthRequest request) => Bind(Planner.Plan(Map, request));

    /// <summary>Grows the source. Nothing is computed before the result is written or read.</summary>
    /// <param name="plan">What to do, as <see cref="Plan"/> or a plan file says it; it need not be tied to the source yet.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The grown model; to be disposed before this.</returns>
    /// <exception cref="BadInputException">The plan is tied to another source.</exception>
    /// <exception cref="CannotGrowException">The model cannot be grown so.</exception>
    public GrownModel Grow(GrowthPlan plan, CancellationToken cancellation = default) => Grower.Grow(Map, Bind(plan), cancellation);

    /// <summary>Ties a plan to this source, so that it cannot be taken for another's, and to the content of its initialisation.</summary>
    /// <exception cref="BadInputException">The plan is tied to another source.</exception>
    public GrowthPlan Bind(GrowthPlan plan)
    {
        _hash ??= ContentHash.Sha256OfFile(SourcePath);
        if (plan.Init is { Sha256: null } init)
        {
            plan = plan with { Init = init with { Sha256 = ContentHash.Sha256OfFile(init.Path) } };
        }

        return plan.SourceSha256 is null || plan.SourceSha256 == _hash
            ? plan with { SourceSha256 = _hash }
            : throw new BadInputException(
                ErrorCode.Plan, $"the plan was made for another source (its source_sha256 is {Text.Name(plan.SourceSha256)}, and {Text.Name(SourcePath)} has {_hash}); take that source, or leave source_sha256 out of the plan");
    }

    /// <summary>
    /// Checks that an output may be written, before any work is done, and finishes or removes what runs that were ended have
    /// left there.
    /// </summary>
    /// <param name="path">Where the grown model is to go.</param>
    /// <param name="replace">Whether a file there may be replaced.</param>
    /// <exception cref="BadInputException">It is the source or a data file of it, exists already, or has no folder.</exception>
    public void CheckOutput(string path, bool replace) => Place(replace).Check(path);

    /// <summary>Checks that the data files of an output may be written too.</summary>
    /// <param name="grown">What is to be written.</param>
    /// <param name="path">Where it is to go.</param>
    /// <param name="replace">Whether files there may be replaced.</param>
    /// <param name="save">How it is to be written.</param>
    /// <exception cref="BadInputException">One of them is the source or a data file of it, or exists already.</exception>
    public void CheckOutput(GrownModel grown, string path, bool replace, SaveOptions? save = null) =>
        Place(replace).CheckDataFiles(path, grown.Model.DataFilesOf(path, save ?? new SaveOptions()));

    /// <summary>What is to be said of where the weights go, in a line; null where they go where they were or were asked to go.</summary>
    /// <param name="grown">What is to be written.</param>
    /// <param name="output">Where it is to go; null where that is not known yet.</param>
    /// <param name="save">How it is to be written.</param>
    public static string? StorageNote(GrownModel grown, string? output, SaveOptions save)
    {
        ModelLayout layout = grown.Model.LayOut(output ?? "grown.onnx", save);
        if (!layout.IsSplit)
        {
            return null;
        }

        string[] names = [.. layout.DataNames];
        string where = output is null ? "a data file" : names.Length == 1 ? $"'{Text.Name(names[0])}'" : FormattableString.Invariant($"{names.Length} data files");
        return $"in one file it would take {Text.Bytes(grown.Model.InlineSize())}, and protobuf allows 2 GiB - 1: its weights go beside it, into {where}";
    }

    /// <summary>Writes a grown model without proving anything; its metadata says so.</summary>
    public static GrowthResult WriteUnverified(GrownModel grown, string output, SaveOptions? save = null)
    {
        string verdict = Describe(grown, proved: false);
        grown.Model.Save(output, save);
        return new GrowthResult(output, true, verdict, null, ExitCode.Success);
    }

    /// <summary>Writes into a model's metadata what is to be said of it, and its source's graph.</summary>
    /// <returns>The verdict.</returns>
    internal static string Describe(GrownModel grown, bool proved)
    {
        string verdict = proved ? $"equivalent (class {Growability.Name(grown.Exactness)})"
            : grown.Method.IsLossless ? "not verified"
            : $"lossy by design ({grown.Method.Name})";
        PlanMetadata.SetVerdict(grown.Model.Proto, verdict);
        PlanMetadata.SetSourceGraph(grown);
        return verdict;
    }

    /// <summary>What came of a growth whose proof did not go through; it is not written.</summary>
    internal static GrowthResult Unproved(string output, EquivalenceReport report) =>
        new(output, false, report.Verdict == Verdict.NotEquivalent ? "not equivalent" : "not verified", report, report.ExitCode);

    /// <summary>Writes a grown model, and leaves it only if it passes its proof; one that is lossy by design is written as it is.</summary>
    /// <param name="grown">What is to be written.</param>
    /// <param name="output">Where it is to go; a file there is replaced: ask <see cref="CheckOutput(string, bool)"/> beforehand.</param>
    /// <param name="options">How it is proved; null for the default.</param>
    /// <param name="save">How it is written; null for the default.</param>
    public GrowthResult WriteVerified(GrownModel grown, string output, EquivalenceOptions? options = null, SaveOptions? save = null)
    {
        options ??= new EquivalenceOptions();
        if (!grown.Method.IsLossless)
        {
            return WriteUnverified(grown, output, save);
        }

        // The file carries the verdict from the start: under its name it stands only where the verdict is true. Figures
        // that differ between machines stay out of it, so that the same plan gives the same bytes everywhere.
        string verdict = Describe(grown, proved: true);
        using var stage = new OutputStage(output);
        grown.Model.Save(stage, save ?? new SaveOptions());
        EquivalenceReport report = Prove(grown, stage.ModelPath, options) with { Grown = output };
        if (report.Verdict == Verdict.Equivalent)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            stage.Publish(Model.OpenFiles);
            return new GrowthResult(output, true, verdict, report, ExitCode.Success);
        }

        return Unproved(output, report);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    /// <summary>Certificate, witness and comparison as shipped, on the file as it was written.</summary>
    public EquivalenceReport Prove(GrownModel grown, string path, EquivalenceOptions options)
    {
        using OnnxModel written = OnnxModel.Open(path, Model.Limits);
        ModelCertificate certificate = ModelCertificate.Check(grown, written, options.CertificateThreads, options.Progress, options.Cancellation);
        return EquivalenceChecker.Compare(Model, written, grown.Model, grown.ExactAttributes, options with
        {
            Certificate = Proofs.Summarise(certificate),
            Interface = new GrownInterface(grown.Interface, options.Seed),
            Depth = Math.Max(1, Map.Layers.Count + grown.Plan.Layers.Length),
            LayerPairs = options.Layers ? LayerPair.Of(Map, grown.Model, grown.Plan) : [],
        });
    }

    private OutputPlace Place(bool replace) => new("the source", "a growth never replaces what it grows from", SourcePath, Model.OpenFiles, replace);
}
