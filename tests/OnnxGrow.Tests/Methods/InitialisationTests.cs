using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Tests.Recipes;
using Xunit;

namespace OnnxGrow.Tests.Methods;

/// <summary>Projections of a given initialisation.</summary>
public sealed class InitialisationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OnnxModel _model;
    private readonly ModelMap _gpt;

    public InitialisationTests()
    {
        _model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        _gpt = ModelMap.Of(_model);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_recipes_satisfy_the_equation_and_the_certificate_agrees(ulong seed)
    {
        var recipes = new RandomRecipes(seed + 100);
        for (int n = 0; n < 100; n++)
        {
            WeightRecipe recipe = recipes.NextWithInit();
            TensorData grown = GrownData.Of(recipe);
            HeldData stored = HeldData.Of(grown);
            if (stored.Values.Any(v => !double.IsFinite(v)))
            {
                // An initialisation beyond float16's range: the certificate says so.
                Assert.False(WeightCertificate.Check(recipe, stored).Passed);
                continue;
            }

            Assert.True(new DenseCheck(recipe, stored.Values).Failures(RecipeExactness.Of(recipe)) == 0, $"{seed}/{n}: {recipe}");
            WeightCertificateResult result = WeightCertificate.Check(recipe, stored);
            Assert.True(result.Passed, $"{seed}/{n}: {result.Text}");
            Assert.Equal(new HeldData(grown.ElementType, HeldData.Doubles(grown)).Values, stored.Values);
        }
    }

    [Fact]
    public void Pieces_of_any_size_give_the_same()
    {
        var random = new SplitMix64(5);
        var recipes = new RandomRecipes(6);
        for (int n = 0; n < 60; n++)
        {
            TensorData grown = GrownData.Of(recipes.NextWithInit());
            byte[] whole = HeldData.Of(grown).Bytes;
            double[] doubles = HeldData.Doubles(grown);
            for (int piece = 0; piece < 10; piece++)
            {
                int first = random.Int(0, whole.Length);
                byte[] part = new byte[random.Int(0, Math.Min(whole.Length - first, 300))];
                grown.ReadBytes(first, part);
                Assert.Equal(whole[first..(first + part.Length)], part);

                first = random.Int(0, doubles.Length);
                double[] values = new double[random.Int(0, Math.Min(doubles.Length - first, 100))];
                grown.ReadDoubles(first, values);
                Assert.Equal(doubles[first..(first + values.Length)], values);
            }
        }
    }

    [Fact]
    public void Shares_are_the_nearest_and_free_entries_are_the_initialisation_s()
    {
        // One row of two entries: the first twice, the second once, and a column that meets a zero.
        var recipe = new WeightRecipe
        {
            Name = "w",
            Source = new HeldData(ElementType.Float32, 1, 5),
            SourceDims = [2],
            Axes = [new RecipeAxis(AxisRole.Reader, new AxisExpansion(2, [0, 1, 0, -1], []))],
            Init = new HeldData(ElementType.Float32, 0.25, 7, 0.5, -3),
            Rules = [],
        };
        Assert.Equal([0.375, 5, 0.625, -3], HeldData.Of(GrownData.Of(recipe)).Values);
        Assert.Equal(Exactness.Rounded, RecipeExactness.Of(recipe));
        WeightRecipe broken = recipe with { Init = new HeldData(ElementType.Float32, 0.25, 7, double.NaN, -3) };
        Assert.Contains("finite", Assert.Throws<BadInputException>(() => HeldData.Doubles(GrownData.Of(broken))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_architecture_is_refused_with_what_is_wrong()
    {
        string init = Write(new GrowthRequest { Hidden = 80, Method = "random" });
        string message = Refused(new GrowthRequest { Hidden = 96, Init = init });
        Assert.Contains("'transformer.h.0.attn.c_attn.weight' is [80, 240] (wanted [96, 288])", message, StringComparison.Ordinal);
        Assert.Contains("more", message, StringComparison.Ordinal);
        Assert.Contains("--method random", message, StringComparison.Ordinal);
        Assert.Contains("is missing", Refused(new GrowthRequest { Hidden = 80, Layers = 4, Init = init }), StringComparison.Ordinal);
        Assert.Contains("no such file", Refused(new GrowthRequest { Hidden = 80, Init = init + ".gone" }), StringComparison.Ordinal);
        Assert.Contains("lemon does", Refused(new GrowthRequest { Hidden = 80, Init = init, Method = "net2net" }), StringComparison.Ordinal);
        GrowthPlan plan = Planner.Plan(_gpt, new GrowthRequest { Hidden = 80 }) with { Init = new InitFile(init, new string('0', 64)) };
        Assert.Contains("SHA-256", Assert.Throws<BadInputException>(() => Grower.Grow(_gpt, plan)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BlockStyle.Zero)]
    [InlineData(BlockStyle.Cancel)]
    public void What_another_method_grows_stands_for_a_file(BlockStyle block)
    {
        var request = new GrowthRequest { Hidden = 96, Layers = 5, Seed = 4, Block = block };
        string init = Write(request with { Method = "bert2bert-aki" });
        using GrownModel file = Grower.Grow(_gpt, Planner.Plan(_gpt, request with { Init = init }));
        using GrownModel method = Grower.Grow(_gpt, Planner.Plan(_gpt, request with { Method = "lemon-aki" }));
        Assert.True(method.Method.IsLossless);
        Assert.Equal(file.Weights.Select(w => w.Name), method.Weights.Select(w => w.Name));
        Assert.All(file.Weights.Zip(method.Weights), w => Assert.Equal(HeldData.Of(file.Model.DataOf(w.First.Tensor)).Bytes, HeldData.Of(method.Model.DataOf(w.Second.Tensor)).Bytes));
        Assert.Equal(Exactness.Rounded, method.Exactness);
    }

    [Fact]
    public void The_file_is_in_the_plan()
    {
        GrowthPlan plan = PlanFile.Parse("init: {path: a.onnx, sha256: abc}\n", "plan");
        Assert.Equal(new InitFile("a.onnx", "abc"), plan.Init);
        Assert.Equal(plan.Init, PlanFile.Parse(PlanFile.ToJson(plan), "plan").Init);
        Assert.Null(PlanFile.Parse("init:\n  path: a.onnx\n", "plan").Init!.Sha256);
        Assert.Contains("needs 'path'", Assert.Throws<BadInputException>(() => PlanFile.Parse("init: {}", "plan")).Message, StringComparison.Ordinal);
        Assert.Contains("unknown key", Assert.Throws<BadInputException>(() => PlanFile.Parse("init: {file: a}", "plan")).Message, StringComparison.Ordinal);
    }

    private string Refused(GrowthRequest request) => Assert.Throws<BadInputException>(() => Grower.Grow(_gpt, Planner.Plan(_gpt, request))).Message;

    private string Write(GrowthRequest request)
    {
        using GrownModel random = Grower.Grow(_gpt, Planner.Plan(_gpt, request));
        string path = _folder.File("init.onnx");
        random.Model.Save(path);
        return path;
    }
}
