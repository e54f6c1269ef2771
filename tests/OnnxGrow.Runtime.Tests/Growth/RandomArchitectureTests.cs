using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using OnnxGrow.TestSupport.Random;
using Xunit;
using Xunit.Abstractions;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>
/// Random architectures by random plans over every dimension: f_grown(x) = f_small(x), by certificate, witness and as
/// shipped, and the source comes back; or the growth is refused. The environment variable ONNXGROW_RANDOM_TIMES makes as
/// many times more models (1 by default), and ONNXGROW_RANDOM_SEED begins at another seed (0 by default).
/// </summary>
public class RandomArchitectureTests(ITestOutputHelper output)
{
    private const int PlansEach = 3;

    private static int Variable(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    [Theory]
    [InlineData(ModelKind.Decoder, ElementType.Float32, 60)]
    [InlineData(ModelKind.EncoderDecoder, ElementType.Float32, 12)]
    [InlineData(ModelKind.Image, ElementType.Float32, 20)]
    [InlineData(ModelKind.Decoder, ElementType.Float16, 6)]
    [InlineData(ModelKind.Decoder, ElementType.BFloat16, 6)]
    [InlineData(ModelKind.Decoder, ElementType.Float64, 6)]
    public void Compute_the_same_function(ModelKind kind, ElementType type, int models)
    {
        var tally = new RandomTally();
        int first = Variable("ONNXGROW_RANDOM_SEED", 0);
        int count = models * Variable("ONNXGROW_RANDOM_TIMES", 1);
        for (int i = 0; i < count; i++)
        {
            One(kind, type, (ulong)(first + i), tally);
        }

        output.WriteLine(tally.ToString());
        Assert.True(tally.Failures.Count == 0, string.Join("\n\n", tally.Failures));
        Assert.True(tally.Refused < tally.Grown, tally.ToString());
    }

    private static void One(ModelKind kind, ElementType type, ulong seed, RandomTally tally)
    {
        var random = new SplitMix64(seed);
        ModelShape shape = ShapeDraw.Draw(random, kind, type);
        using OnnxModel source = OnnxModel.FromProto(RandomModel.Build(shape, seed));
        ModelMap map = ModelMap.Of(source);
        string what = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {shape}");
        int layers = shape.Layers * (kind == ModelKind.EncoderDecoder ? 2 : 1);
        if (map.Layers.Count != layers)
        {
            tally.Failures.Add($"{map.Layers.Count} layers found: {what}");
        }

        for (int p = 0; p < PlansEach; p++)
        {
            GrowthPlan plan = PlanDraw.Draw(map, random);
            string both = $"{what}, {PlanDraw.Describe(plan)}";
            try
            {
                using GrownModel grown = Grower.Grow(map, plan);
                if (Difference(source, grown, type) is { } difference)
                {
                    tally.Failures.Add($"{both}: {difference}");
                }
                else
                {
                    tally.Hold(map, plan);
                }
            }
            catch (CannotGrowException e)
            {
                tally.Refuse(e.Message, both);
            }
#pragma warning disable CA1031 // Whatever else is thrown is a bug that belongs to this seed.
            catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
            {
                tally.Failures.Add($"{both}: {e}");
            }
        }
    }

    /// <returns>What does not hold; null where all does.</returns>
    private static string? Difference(OnnxModel source, GrownModel grown, ElementType type)
    {
        using OnnxModel written = OnnxModel.FromProto(global::Onnx.ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));
        ModelCertificate certificate = ModelCertificate.Check(grown, written);
        if (!certificate.Passed)
        {
            return certificate.Text;
        }

        EquivalenceReport report = EquivalenceChecker.Compare(source, written, grown.Model, grown.ExactAttributes, new EquivalenceOptions
        {
            Certificate = new CertificateSummary(true, true, certificate.Text),
            Interface = new GrownInterface(grown.Interface, 1),
            Depth = 4,
            MaxLength = 3,
            Threads = 1,
        });

        // ONNX Runtime has no kernels of some operators for the other types: the witness then stands alone.
        bool runs = report.AsShipped is { Verdict: Verdict.Equivalent }
            || (type != ElementType.Float32 && report.AsShipped is { Verdict: Verdict.NotVerified });
        if (report.Witness is not { Verdict: Verdict.Equivalent } || !runs)
        {
            return report.Summary;
        }

        return ShrinkCheck.Difference(source, grown);
    }
}
