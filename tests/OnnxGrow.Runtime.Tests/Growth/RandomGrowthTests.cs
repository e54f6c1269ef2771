using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Random small transformers by random plans: the grown function is the source's, f_grown(x) = f_small(x).</summary>
public class RandomGrowthTests
{
    private const int ModelsPerBatch = 15;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Computes_the_same_function(int batch)
    {
        int grownCount = 0;
        for (int i = 0; i < ModelsPerBatch; i++)
        {
            ulong seed = (ulong)((batch * ModelsPerBatch) + i);
            var random = new SplitMix64(seed + 1000);
            TransformerShape shape = TransformerShape.Draw(random);
            using OnnxModel source = OnnxModel.FromProto(RandomTransformer.Build(shape, seed));
            ModelMap map = ModelMap.Of(source);
            Assert.Equal(shape.Layers, map.Layers.Count);
            for (int p = 0; p < 3; p++)
            {
                GrowthRequest request = Draw(random, shape);
                grownCount += Check(source, map, shape, request, $"seed {seed}, {shape}, {request}") ? 1 : 0;
            }
        }

        Assert.True(grownCount > ModelsPerBatch * 2, $"only {grownCount} growths were possible");
    }

    private static GrowthRequest Draw(SplitMix64 random, TransformerShape shape)
    {
        int headSize = shape.Hidden / shape.Heads;
        return new GrowthRequest
        {
            Hidden = random.Coin() ? shape.Hidden + (headSize * random.Int(0, shape.Heads * 2)) : null,
            Heads = shape.Heads > 1 && random.Int(0, 2) == 0 ? shape.Heads + random.Int(0, 4) : null,
            Ffn = random.Int(0, 2) == 0 ? shape.Ffn * 2 + random.Int(0, shape.Ffn * 2) : null,
            FfnRatio = null,
            Layers = random.Coin() ? shape.Layers + random.Int(0, 3) : null,
            Depth = random.Pick(DepthStyle.Interpolate, DepthStyle.Stack),
            Block = random.Pick(BlockStyle.Zero, BlockStyle.Cancel),
            Method = random.Pick("lemon", "lemon", "net2net", "bert2bert-fpi"),
            Seed = random.Next(),
        };
    }

    /// <returns>Whether the growth was possible; refusals are only right for norms that a width does not suit.</returns>
    private static bool Check(OnnxModel source, ModelMap map, TransformerShape shape, GrowthRequest request, string what)
    {
        GrownModel grown;
        try
        {
            grown = Grower.Grow(map, Planner.Plan(map, request));
        }
        catch (CannotGrowException e)
        {
            bool multiple = request.Hidden is not { } hidden || hidden % shape.Hidden == 0;
            Assert.True(!multiple && shape.Placement != Placement.Pre && e.Message.Contains("not lossless", StringComparison.Ordinal), $"{what}: {e.Message}");
            return false;
        }

        using (grown)
        {
            using OnnxModel written = OnnxModel.FromProto(global::Onnx.ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));
            ModelCertificate certificate = ModelCertificate.Check(grown, written);
            Assert.True(certificate.Passed, $"{what}: {certificate.Text}");
            EquivalenceReport report = EquivalenceChecker.Compare(source, written, grown.Model, grown.ExactAttributes, new EquivalenceOptions
            {
                Certificate = new CertificateSummary(true, true, certificate.Text),
                Levels = EquivalenceLevels.Certificate | EquivalenceLevels.Witness,
                MaxLength = 3,
                Threads = 1,
            });
            Assert.True(report.Verdict == Verdict.Equivalent, $"{what}: {report.Summary}");
            Assert.True(ShrinkCheck.Difference(source, grown) is null, $"{what}: the source does not come back");
            return true;
        }
    }
}
