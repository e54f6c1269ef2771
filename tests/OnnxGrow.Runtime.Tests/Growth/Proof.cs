using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Grows and proves on all levels, from the bytes as they would be written.</summary>
internal static class Proof
{
    /// <summary>The certificate, the witness and the comparison as shipped of a grown model.</summary>
    public static EquivalenceReport Of(OnnxModel source, GrownModel grown, EquivalenceOptions? options = null)
    {
        using OnnxModel written = Written(grown);
        return Of(source, grown, written, options);
    }

    /// <summary>The same, of bytes that may have been changed since.</summary>
    public static EquivalenceReport Of(OnnxModel source, GrownModel grown, OnnxModel written, EquivalenceOptions? options = null)
    {
        options ??= new EquivalenceOptions { MaxLength = 6, Threads = 1 };
        ModelCertificate certificate = ModelCertificate.Check(grown, written);
        return EquivalenceChecker.Compare(source, written, grown.Model, grown.ExactAttributes, options with
        {
            Certificate = Proofs.Summarise(certificate),
            Interface = new GrownInterface(grown.Interface, options.Seed),
            Depth = Math.Max(1, grown.Source.Layers.Count + grown.Plan.Layers.Length),
        });
    }

    /// <summary>The grown model as it is read from its bytes.</summary>
    public static OnnxModel Written(GrownModel grown) => OnnxModel.FromProto(global::Onnx.ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));

    /// <summary>Fails where one level does not hold, or could not be run.</summary>
    public static void Holds(EquivalenceReport report, string what = "")
    {
        Assert.True(report.Certificate is { Ran: true, Passed: true }, $"{what}: {report.Certificate?.Text}");
        Assert.True(report.Witness is { Verdict: Verdict.Equivalent }, $"{what}: {report.Summary}: {report.Witness?.Reason}");
        Assert.True(report.Witness!.RequiredTolerance <= 1e-12, $"{what}: {report.Summary}");
        Assert.True(report.AsShipped is { Verdict: Verdict.Equivalent }, $"{what}: {report.Summary}: {report.AsShipped?.Reason}");
    }

    /// <summary>Grows, proves on all levels, and takes the source back from what was grown.</summary>
    /// <returns>The grown model, for what else a test asks of it.</returns>
    public static GrownModel Grow(ModelMap map, GrowthPlan plan, string what = "", long maxLength = 6)
    {
        GrownModel grown = Grower.Grow(map, plan);
        Holds(Of(map.Model, grown, new EquivalenceOptions { MaxLength = maxLength, Threads = 1 }), what);
        Assert.True(ShrinkCheck.Difference(map.Model, grown) is null, $"{what}: the source does not come back: {ShrinkCheck.Difference(map.Model, grown)}");
        return grown;
    }

    /// <summary>Grows a model of the checkout as asked for, with all proofs, and shows the result to a test.</summary>
    public static void Grow(string file, GrowthRequest request, Action<ModelMap, GrownModel>? check = null, long maxLength = 6)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grow(map, Planner.Plan(map, request), file, maxLength);
        check?.Invoke(map, grown);
    }

    /// <summary>Why a request on a model of the checkout is refused.</summary>
    public static string Refused(string file, GrowthRequest request)
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model(file));
        ModelMap map = ModelMap.Of(source);
        return Assert.Throws<CannotGrowException>(() => Grower.Grow(map, Planner.Plan(map, request)).Dispose()).Message;
    }

    /// <summary>A plan that grows these dimensions.</summary>
    public static GrowthPlan Plan(params (string Name, long Size)[] sizes) => Widened(false, sizes);

    /// <summary>A plan that grows these dimensions, inputs and outputs with them.</summary>
    public static GrowthPlan Widened(bool widen, params (string Name, long Size)[] sizes) => new()
    {
        Dimensions = new GrowthPlan().Dimensions.AddRange(sizes.Select(s => KeyValuePair.Create(s.Name, s.Size))),
        WidenInterface = widen,
        Seed = 3,
    };
}
