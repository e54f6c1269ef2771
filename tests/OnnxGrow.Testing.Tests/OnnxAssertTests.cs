using Google.Protobuf;
using Onnx;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Testing.Tests;

public sealed class OnnxAssertTests : IDisposable
{
    private const string Bias = "vit.encoder.layer.1.output.dense.bias";

    private readonly TemporaryFolder _folder = new();

    private static string Vit => Repository.Model("vit-mini-op17.onnx");

    public void Dispose() => _folder.Dispose();

    /// <summary>The model with five heads for three, one entry of a weight changed.</summary>
    private string Grown(float change)
    {
        string path = _folder.File("it's grown.onnx");
        using var job = GrowthJob.Open(Vit);
        using GrownModel grown = Grower.Grow(job.Map, Planner.Plan(job.Map, new GrowthRequest { Heads = 5 }));
        GrowthJob.WriteUnverified(grown, path);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        TensorProto bias = model.Graph.Initializer.Single(t => t.Name == Bias);
        byte[] bytes = bias.RawData.ToByteArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(12), BitConverter.ToSingle(bytes, 12) + change);
        bias.RawData = ByteString.CopyFrom(bytes);
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    [Fact]
    public void Models_that_compute_the_same_pass_and_give_their_report()
    {
        EquivalenceReport report = OnnxAssert.Equivalent(Vit, Grown(0));
        Assert.Equal(Verdict.Equivalent, report.Verdict);
        Assert.True(report.Certificate!.Passed);
        Assert.NotEmpty(report.AsShipped!.Outputs);
        Assert.Null(report.Layers);
    }

    [Fact]
    public void The_message_of_a_failure_is_the_report()
    {
        string grown = Grown(0.5f);
        NotEquivalentException failure = Assert.Throws<NotEquivalentException>(() => OnnxAssert.Equivalent(Vit, grown));
        string[] lines = failure.Message.Split('\n');
        Assert.Equal($"not equivalent: the certificate failed: '{Bias}' is not what its source grows into: entry [3] is off by 5.0e-1, rounding allows 0.0e+0 (W~ P_in = P_out W, rule 0.1)", lines[0]);
        Assert.Equal($"  source  {Vit}", lines[1]);
        Assert.Equal($"  grown   {grown}", lines[2]);
        Assert.Contains($"  FAILED  certificate: {Bias}: '{Bias}' is not what its source grows into: entry [3] is off by 5.0e-1, rounding allows 0.0e+0 (W~ P_in = P_out W, rule 0.1)", lines);
        Assert.Contains(lines, l => l.StartsWith("  FAILED  float64: logits: worst relative error ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("  FAILED  as shipped: logits: worst relative error ", StringComparison.Ordinal));
        Assert.Contains("  passed  interface: inputs and outputs correspond", lines);
        Assert.Contains(lines, l => l.StartsWith("  layer 1 is the first whose result differs: '/vit/encoder/layer.1/", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("'onnxgrow explain A TENSOR' tells how the tensor is grown", StringComparison.Ordinal));
        Assert.Contains($"  onnxgrow verify {Vit} '{grown.Replace("'", "'\\''", StringComparison.Ordinal)}' --layers", lines);
        Assert.NotNull(failure.Report.Layers);
    }

    [Fact]
    public void Open_models_are_compared_as_they_are()
    {
        using OnnxModel a = OnnxModel.Open(Vit);
        using OnnxModel b = OnnxModel.Open(Grown(0));
        using OnnxModel c = OnnxModel.Open(Repository.Model("vit-mini-qkv-op17.onnx"));
        var options = new EquivalenceOptions { Depth = 3 };
        Assert.Equal(Verdict.Equivalent, OnnxAssert.Equivalent(a, b, options).Verdict);
        NotEquivalentException failure = Assert.Throws<NotEquivalentException>(() => OnnxAssert.Equivalent(a, c, options));
        Assert.StartsWith("not equivalent in float64: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_proved_fails_and_says_so()
    {
        NotEquivalentException failure = Assert.Throws<NotEquivalentException>(
            () => OnnxAssert.Equivalent(Vit, Vit, new EquivalenceOptions { Levels = EquivalenceLevels.None }));
        Assert.Equal(Verdict.NotVerified, failure.Report.Verdict);
        Assert.StartsWith("not verified: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_no_failed_assertion()
    {
        BadInputException error = Assert.Throws<BadInputException>(() => OnnxAssert.Equivalent(Vit, _folder.File("no.onnx")));
        Assert.Contains("there is no such file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Xunit_takes_it_for_a_failed_assertion() =>
        Assert.Contains(typeof(NotEquivalentException).GetInterfaces(), i => i.Name == "IAssertionException");
}
