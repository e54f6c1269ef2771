using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>
/// Recovers the source from a grown model, checks what was written against checksums, certificate and the grown model itself,
/// and only then gives it its name.
/// </summary>
public static class ShrinkJob
{
    private const int NamesShown = 3;

    /// <summary>Shrinks a file.</summary>
    /// <param name="grownPath">The grown model.</param>
    /// <param name="output">Where the source goes.</param>
    /// <param name="force">Replace a file there; write the result even where the grown model was changed since.</param>
    /// <param name="options">How to compare the two; null to leave that out.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="limits">What the file may ask of the machine; null for the default.</param>
    /// <param name="cancellation">Stops it; nothing is left behind.</param>
    /// <exception cref="BadInputException">A file cannot be used.</exception>
    /// <exception cref="CannotGrowException">The method was lossy.</exception>
    public static ShrinkResult Run(
        string grownPath, string output, bool force, EquivalenceOptions? options, WorkProgress? progress = null, ReadLimits? limits = null, CancellationToken cancellation = default)
    {
        Place([]).Check(output);
        using OnnxModel grown = OnnxModel.Open(grownPath, limits);
        OutputPlace place = Place(grown.OpenFiles);
        place.Check(output);
        using ShrunkModel shrunk = Shrinker.Shrink(grown);
        var save = new SaveOptions { Cancellation = cancellation, Progress = progress };
        place.CheckDataFiles(output, shrunk.Model.DataFilesOf(output, save));
        using var draft = new OutputStage(output);
        shrunk.Model.Save(draft, save);
        using OnnxModel small = OnnxModel.Open(draft.ModelPath, limits);

        // All is judged by the bytes that were written.
        ImmutableArray<string> changed = shrunk.Check(small, cancellation);
        var map = ModelMap.Of(small, cancellation);
        using GrownModel again = Grower.Grow(map, shrunk.Plan, cancellation);
        CertificateSummary certificate = Proofs.Summarise(ModelCertificate.Check(again, grown, 0, progress, cancellation));
        bool sameFile = shrunk.Plan.SourceSha256 == ContentHash.Sha256OfFile(draft.ModelPath, cancellation);
        ShrinkOutcome outcome = changed.Length > 0 || !certificate.Passed ? ShrinkOutcome.Changed
            : shrunk.Rounded > 0 ? ShrinkOutcome.Rounded
            : sameFile ? ShrinkOutcome.SameFile
            : ShrinkOutcome.SameTensors;
        var result = new ShrinkResult
        {
            Output = output,
            Written = force,
            Outcome = outcome,
            Verdict = Describe(outcome, shrunk, changed, certificate),
            Inverted = shrunk.Inverted,
            Unchanged = shrunk.Unchanged,
            Rounded = shrunk.Rounded,
            Changed = changed,
            Certificate = certificate,
            ExitCode = force ? ExitCode.Success : ExitCode.NotEquivalent,
        };
        if (outcome != ShrinkOutcome.Changed)
        {
            EquivalenceReport? report = options is null ? null : EquivalenceChecker.Compare(small, grown, again.Model, again.ExactAttributes, options with
            {
                Certificate = certificate,
                Interface = new GrownInterface(again.Interface, options.Seed),
                Depth = Math.Max(1, map.Layers.Count + shrunk.Plan.Layers.Length),
            }) with { Source = output, Grown = grownPath };
            bool good = report is null || report.Verdict == Verdict.Equivalent;
            result = result with { Report = report, Written = good, ExitCode = good ? ExitCode.Success : report!.ExitCode };
        }

        if (result.Written)
        {
            cancellation.ThrowIfCancellationRequested();
            draft.Publish(grown.OpenFiles);
        }

        return result;

        OutputPlace Place(IReadOnlyList<string> files) => new("the grown model", "shrinking never replaces what it reads", grownPath, files, force);
    }

    private static string Describe(ShrinkOutcome outcome, ShrunkModel shrunk, ImmutableArray<string> changed, CertificateSummary certificate)
    {
        string rounded = shrunk.Rounded == 0 ? "every tensor is the source's, bit for bit"
            : FormattableString.Invariant($"{shrunk.Rounded} tensors are the source's within rounding, all others bit for bit");
        string otherForm = shrunk.Plan.SourceSha256 is null
            ? "the plan names no file to compare with"
            : "the file is another than the source's: its exporter writes the same in another order or form, or has its weights in another file";
        return outcome switch
        {
            ShrinkOutcome.SameFile => "bit-identical to the source (SHA-256 as the plan names it)",
            ShrinkOutcome.SameTensors => $"{rounded}; {otherForm}",
            ShrinkOutcome.Rounded => rounded,
            _ when changed.Length == 0 => $"{rounded}, but the grown model was changed since and is no longer a growth of it: {certificate.Text}",
            _ => FormattableString.Invariant($"not the source: the grown model was changed since it was grown (trained, perhaps). {changed.Length} tensors differ from the source's ({Names(changed)})")
                + (certificate.Passed
                    ? "; the model is still a growth of what was recovered"
                    : "; they hold the first copies and the sums of shares, and the two models do not compute the same"),
        };
    }

    private static string Names(ImmutableArray<string> names) =>
        Text.List(names.Take(NamesShown).Select(n => $"'{Text.Name(n)}'").Concat(names.Length > NamesShown ? ["others"] : []));
}
