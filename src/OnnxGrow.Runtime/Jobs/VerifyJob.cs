using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>
/// Compares two model files. Where the second says that it was grown from the first, the growth is done again from its plan,
/// so that certificate and witness can be had too.
/// </summary>
public static class VerifyJob
{
    /// <summary>Compares two files.</summary>
    /// <param name="sourcePath">The first model: the source.</param>
    /// <param name="grownPath">The second: what should compute the same.</param>
    /// <param name="options">What to compare, and how closely; the depth is read off the models.</param>
    /// <param name="limits">What the files may ask of the machine; null for the default.</param>
    /// <exception cref="BadInputException">A file cannot be used.</exception>
    public static EquivalenceReport Run(string sourcePath, string grownPath, EquivalenceOptions options, ReadLimits? limits = null)
    {
        using OnnxModel source = OnnxModel.Open(sourcePath, limits);
        using OnnxModel grown = OnnxModel.Open(grownPath, limits);
        if (PlanMetadata.Read(grown.Proto) is not { } plan)
        {
            return Plain(source, grown, "the second model's metadata holds no plan, so it was not grown by OnnxGrow", options);
        }

        if (plan.SourceSha256 != ContentHash.Sha256OfFile(sourcePath, options.Cancellation))
        {
            return Plain(source, grown, "the second model says that it was grown from another source than the first", options);
        }

        if (GrowthMethod.All.TryGetValue(plan.Method, out GrowthMethod? method) && !method.IsLossless)
        {
            return Plain(source, grown, $"the second model was made by '{plan.Method}', which is lossy by design", options);
        }

        if (plan.Init is { } init)
        {
            if (Initialisations.Find(init, sourcePath, grownPath) is not { } found)
            {
                return Plain(source, grown, $"the second model was grown with the initialisation '{Text.Name(init.Path)}' (SHA-256 {Text.Name(init.Sha256 ?? "unknown")}), which is neither there nor beside the models, so the growth cannot be done again", options);
            }

            plan = plan with { Init = found };
        }

        try
        {
            return AsGrown(source, grown, plan, options);
        }
        catch (CannotGrowException e)
        {
            return Plain(source, grown, $"the plan in the second model's metadata does not fit the first ({e.Message})", options);
        }
    }

    private static EquivalenceReport AsGrown(OnnxModel source, OnnxModel grown, GrowthPlan plan, EquivalenceOptions options)
    {
        var map = ModelMap.Of(source, options.Cancellation);
        using GrownModel again = Grower.Grow(map, plan, options.Cancellation);
        var certificate = ModelCertificate.Check(again, grown, options.CertificateThreads, options.Progress, options.Cancellation);
        options = options with
        {
            Certificate = Proofs.Summarise(certificate),
            Interface = new GrownInterface(again.Interface, options.Seed),
            Depth = Math.Max(1, map.Layers.Count + plan.Layers.Length),
            LayerPairs = options.Layers ? LayerPair.Of(map, again.Model, plan) : [],
        };

        // The witness before rounding speaks of the plan; it says something of the file only where the certificate ties the two.
        return certificate.Passed
            ? EquivalenceChecker.Compare(source, grown, again.Model, again.ExactAttributes, options)
            : EquivalenceChecker.Compare(source, grown, null, null, options);
    }

    private static EquivalenceReport Plain(OnnxModel source, OnnxModel grown, string why, EquivalenceOptions options)
    {
        ModelMap? map = MapOf(source);
        return EquivalenceChecker.Compare(source, grown, null, null, options with
        {
            Certificate = Proofs.Skipped(why),
            Depth = Math.Max(LayersOf(map), LayersOf(MapOf(grown))),
            LayerPairs = options.Layers && map is not null ? LayerPair.Of(map, grown, null) : [],
        });
    }

    private static int LayersOf(ModelMap? map) => Math.Max(1, map?.Layers.Count ?? 1);

    private static ModelMap? MapOf(OnnxModel model)
    {
        try
        {
            return ModelMap.Of(model);
        }
        catch (BadInputException)
        {
            // A graph that the analysis cannot read may still run.
            return null;
        }
    }
}
