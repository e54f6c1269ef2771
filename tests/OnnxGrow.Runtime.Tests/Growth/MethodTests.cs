using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Every method on real exports: the lossless ones proved from the written file, the lossy ones run.</summary>
public class MethodTests
{
    private static readonly string[] Files = ["bert-mini-folded-op17.onnx", "bert-mini-op12.onnx", "gpt2-mini-op17.onnx", "vit-mini-qkv-op12.onnx"];

    private static readonly (string Name, GrowthRequest Request)[] Lossless =
    [
        ("fpi x2", new GrowthRequest { Method = "bert2bert-fpi", Hidden = 96, Seed = 3 }),
        ("fpi odd", new GrowthRequest { Method = "bert2bert-fpi", Hidden = 64, Heads = 5, Ffn = 333, Layers = 4, Block = BlockStyle.Cancel }),
        ("hypercloning x2", new GrowthRequest { Method = "hypercloning", Hidden = 96 }),
        ("hypercloning x2 noise", new GrowthRequest { Method = "hypercloning", Hidden = 96, NoiseDb = 10, Layers = 4 }),
        ("hypercloning x3 noise", new GrowthRequest { Method = "hypercloning", Hidden = 144, NoiseDb = 10 }),
        ("aki x2", new GrowthRequest { Method = "lemon-aki", Hidden = 96, Seed = 3 }),
        ("aki odd", new GrowthRequest { Method = "lemon-aki", Hidden = 64, Heads = 5, Ffn = 333, Layers = 4, Block = BlockStyle.Cancel }),
        ("llama-pro", new GrowthRequest { Method = "llama-pro", Layers = 6 }),
    ];

    private static readonly GrowthRequest[] Lossy =
    [
        new GrowthRequest { Method = "bert2bert-aki", Hidden = 64, Seed = 5 },
        new GrowthRequest { Method = "bert2bert-aki", Hidden = 96, Ffn = 333 },
        new GrowthRequest { Method = "stack", Layers = 6 },
        new GrowthRequest { Method = "interpolate", Layers = 5 },
        new GrowthRequest { Method = "depth-upscale", Layers = 4, Hidden = 96 },
    ];

    public static TheoryData<string, string> LosslessCases() => Cases(Lossless.Select(c => c.Name));

    public static TheoryData<string, int> LossyCases() => Cases(Enumerable.Range(0, Lossy.Length));

    private static TheoryData<string, T> Cases<T>(IEnumerable<T> growths)
    {
        var data = new TheoryData<string, T>();
        foreach (T growth in growths)
        {
            foreach (string file in Files)
            {
                data.Add(file, growth);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(LosslessCases))]
    public void Lossless_methods_hold(string file, string growth)
    {
        using var job = GrowthJob.Open(Repository.Model(file));
        GrowthRequest request = Lossless.Single(c => c.Name == growth).Request;
        bool postNorm = file.StartsWith("bert", StringComparison.Ordinal);
        GrowthPlan plan = job.Bind(Planner.Plan(job.Map, postNorm && request.Hidden == 64 ? request with { Hidden = null } : request));
        using GrownModel grown = Grower.Grow(job.Map, plan);
        using var folder = new TemporaryFolder();
        string output = folder.File("grown.onnx");
        GrowthResult result = job.WriteVerified(grown, output, new EquivalenceOptions { MaxLength = 9 });
        Assert.True(result.Written, result.Report!.Summary + result.Report.Certificate!.Text);
        Assert.Equal(Verdict.Equivalent, result.Report!.Verdict);
        Assert.True(result.Report.Witness!.RequiredTolerance <= 1e-12, result.Report.Summary);

        // The file is proved again from what it says of itself.
        EquivalenceReport again = VerifyJob.Run(Repository.Model(file), output, new EquivalenceOptions { MaxLength = 5 });
        Assert.True(again.Certificate!.Passed, again.Certificate.Text);
        Assert.Equal(Verdict.Equivalent, again.Verdict);
        if (growth == "llama-pro" && !postNorm)
        {
            Assert.Equal(Exactness.BitExact, grown.Exactness);
        }
    }

    [Theory]
    [InlineData("llama-mini-op17.onnx", "bert2bert-fpi", null)]
    [InlineData("llama-mini-op17.onnx", "hypercloning", 10.0)]
    [InlineData("llama-mini-op17.onnx", "lemon-aki", null)]
    [InlineData("mixtral-topk-mini-op17.onnx", "lemon-aki", null)]
    [InlineData("qwen-mini-op17.onnx", "bert2bert-fpi", null)]
    [InlineData("neox-mini-op17.onnx", "hypercloning", 10.0)]
    public void Gated_units_and_shared_heads_grow_too(string file, string method, double? noise)
    {
        using var job = GrowthJob.Open(Repository.Model(file));
        var request = new GrowthRequest { Method = method, Hidden = 2 * job.Map.Hidden!.Extent, NoiseDb = noise };
        using GrownModel grown = Grower.Grow(job.Map, Planner.Plan(job.Map, request));
        using var folder = new TemporaryFolder();
        string output = folder.File("grown.onnx");
        grown.Model.Save(output);
        EquivalenceReport report = job.Prove(grown, output, new EquivalenceOptions { MaxLength = 7 });
        Assert.True(report.Certificate!.Passed, report.Certificate.Text);
        Assert.True(report.Witness!.Verdict == Verdict.Equivalent, report.Summary);
    }

    [Theory]
    [MemberData(nameof(LossyCases))]
    public void Lossy_methods_say_so_and_give_the_architecture_asked_for(string file, int growth)
    {
        GrowthRequest request = Lossy[growth];
        using var job = GrowthJob.Open(Repository.Model(file));
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(Planner.Plan(job.Map, request)));
        Assert.Equal(Exactness.Lossy, grown.Exactness);
        using var folder = new TemporaryFolder();
        string output = folder.File("grown.onnx");
        GrowthResult result = job.WriteVerified(grown, output, new EquivalenceOptions());
        Assert.True(result.Written);
        Assert.Equal($"lossy by design ({request.Method})", result.Verdict);

        using OnnxModel written = OnnxModel.Open(output);
        var map = ModelMap.Of(written);
        Assert.Equal(request.Layers ?? job.Map.Layers.Count, map.Layers.Count);
        Assert.Equal(request.Hidden ?? 48, map.Hidden!.Extent);
        Assert.All(map.Of(DimensionRole.Ffn), f => Assert.Equal(request.Ffn ?? 4 * map.Hidden.Extent, f.Extent));

        // It runs, with finite results of the same shape, and is not the source's function.
        EquivalenceReport report = VerifyJob.Run(Repository.Model(file), output, new EquivalenceOptions { MaxLength = 5, Levels = EquivalenceLevels.AsShipped });
        Assert.Equal(Verdict.NotEquivalent, report.Verdict);
        Assert.All(report.AsShipped!.Outputs, o => Assert.Null(o.Worst.Mismatch));
        Assert.All(report.AsShipped.Outputs, o => Assert.True(double.IsFinite(o.MaxAbsolute)));
    }

    [Theory]
    [InlineData("stack")]
    [InlineData("interpolate")]
    [InlineData("depth-upscale")]
    public void Width_beside_copied_layers_is_lossless(string method)
    {
        foreach (string file in Files)
        {
            using var job = GrowthJob.Open(Repository.Model(file));
            using GrownModel deep = Grower.Grow(job.Map, Planner.Plan(job.Map, new GrowthRequest { Method = method, Layers = 4 }));
            using GrownModel both = Grower.Grow(job.Map, Planner.Plan(job.Map, new GrowthRequest { Method = method, Layers = 4, Hidden = 96 }));
            EquivalenceReport report = EquivalenceChecker.Compare(deep.Model, both.Model, both.Model, both.ExactAttributes, new EquivalenceOptions
            {
                Certificate = new CertificateSummary(true, true, ""),
                MaxLength = 5,
                Depth = 4,
            });
            Assert.True(report.Verdict == Verdict.Equivalent, $"{file}: {report.Summary}");
        }
    }

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", 64)]
    [InlineData("gpt2-mini-op12.onnx", 96)]
    [InlineData("bert-mini-folded-op17.onnx", 96)]
    [InlineData("vit-mini-qkv-op12.onnx", 80)]
    public void A_projected_initialisation_is_lossless_and_proved_again_where_the_file_is_at_hand(string file, int hidden)
    {
        using var folder = new TemporaryFolder();
        string init = folder.File("init.onnx");
        string output = folder.File("grown.onnx");
        using var job = GrowthJob.Open(Repository.Model(file));
        var request = new GrowthRequest { Hidden = hidden, Layers = 4, Block = BlockStyle.Cancel, Seed = 2 };
        using (GrownModel random = Grower.Grow(job.Map, Planner.Plan(job.Map, request with { Method = "random", Seed = 77 })))
        {
            GrowthJob.WriteUnverified(random, init);
        }

        GrowthPlan plan = job.Bind(Planner.Plan(job.Map, request with { Init = init }));
        Assert.Equal(64, plan.Init!.Sha256!.Length);
        using (GrownModel grown = Grower.Grow(job.Map, plan))
        {
            GrowthResult result = job.WriteVerified(grown, output, new EquivalenceOptions { MaxLength = 9 });
            Assert.True(result.Written, result.Report!.Summary + result.Report.Certificate!.Text);
            Assert.True(result.Report!.Witness!.RequiredTolerance <= 1e-12, result.Report.Summary);
        }

        // At hand where it was, or beside the grown model under its name; not at hand otherwise.
        var options = new EquivalenceOptions { MaxLength = 5 };
        Assert.True(VerifyJob.Run(Repository.Model(file), output, options).Certificate!.Passed);
        using var elsewhere = new TemporaryFolder();
        File.Move(output, elsewhere.File("grown.onnx"));
        File.Move(init, elsewhere.File("init.onnx"));
        Assert.True(VerifyJob.Run(Repository.Model(file), elsewhere.File("grown.onnx"), options).Certificate!.Passed);
        File.WriteAllText(elsewhere.File("init.onnx"), "another");
        EquivalenceReport without = VerifyJob.Run(Repository.Model(file), elsewhere.File("grown.onnx"), options);
        Assert.False(without.Certificate!.Ran);
        Assert.Contains("init.onnx", without.Certificate.Text, StringComparison.Ordinal);
        Assert.Contains("cannot be done again", without.Certificate.Text, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<BadInputException>(() => Grower.Grow(job.Map, plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_method_is_tested_here_or_with_the_growths_of_all_models()
    {
        string[] elsewhere = ["lemon", "net2net", "random", "ligo"];
        Assert.Equal(GrowthMethod.All.Keys.Order(), Lossless.Select(c => c.Request.Method).Concat(Lossy.Select(r => r.Method)).Concat(elsewhere).Distinct().Order());
    }
}
