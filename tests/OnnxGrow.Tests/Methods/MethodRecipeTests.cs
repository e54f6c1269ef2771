using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Growth.Widening;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using OnnxGrow.Tests.Recipes;
using Xunit;

namespace OnnxGrow.Tests.Methods;

/// <summary>Every lossless method: W~ P_in = P_out W, entry by entry, for every grown weight of small transformers.</summary>
public class MethodRecipeTests
{
    public static TheoryData<string> Lossless() => [.. GrowthMethod.All.Values.Where(m => m.IsLossless).Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Lossless))]
    public void Every_grown_weight_satisfies_the_equation(string method)
    {
        for (ulong seed = 0; seed < 6; seed++)
        {
            TransformerShape shape = TransformerShape.Draw(new SplitMix64(seed)) with { Hidden = 4, Heads = 2, Ffn = 5, Vocabulary = 7, Positions = 4, Layers = 2 };
            using OnnxModel model = OnnxModel.FromProto(RandomTransformer.Build(shape, seed));
            ModelMap map = ModelMap.Of(model);
            using GrownModel grown = Grower.Grow(map, Planner.Plan(map, Request(method, seed)));
            Assert.NotEmpty(grown.Weights);
            foreach (GrownWeight weight in grown.Weights)
            {
                double[] stored = HeldData.Of(grown.Model.DataOf(weight.Tensor)).Values;
                Assert.True(new DenseCheck(weight.Recipe!, stored).Failures(RecipeExactness.Of(weight.Recipe!)) == 0, $"{method}, {shape}, {weight.Name}");
            }
        }
    }

    private static GrowthRequest Request(string method, ulong seed) => method switch
    {
        "llama-pro" => new GrowthRequest { Method = method, Layers = 4 },
        "hypercloning" => new GrowthRequest { Method = method, Hidden = seed % 2 == 0 ? 8 : 12, NoiseDb = seed < 3 ? null : 10, Seed = seed },
        _ => new GrowthRequest { Method = method, Hidden = 8, Heads = 5, Ffn = 13, Layers = 3, Block = BlockStyle.Cancel, Seed = seed },
    };

    [Fact]
    public void Random_maps_start_with_the_source_and_differ_by_seed_and_dimension()
    {
        int[] map = RandomMaps.Draw(50, 200, 3, "ffn.0");
        Assert.Equal(Enumerable.Range(0, 50), map[..50]);
        Assert.All(map, i => Assert.InRange(i, 0, 49));
        Assert.NotEqual(Enumerable.Range(50, 150).Select(j => j % 50), map[50..]);
        Assert.Equal(map, RandomMaps.Draw(50, 200, 3, "ffn.0"));
        Assert.NotEqual(map, RandomMaps.Draw(50, 200, 4, "ffn.0"));
        Assert.NotEqual(map, RandomMaps.Draw(50, 200, 3, "ffn.1"));
    }

    [Fact]
    public void Fpi_draws_neurons_and_heads_and_leaves_what_norms_read()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(model);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 96, Method = "bert2bert-fpi" }));
        RecipeAxis[] up = [.. grown.Weights.Single(w => w.Name == "transformer.h.0.mlp.c_fc.weight").Recipe!.Axes];
        RecipeAxis[] down = [.. grown.Weights.Single(w => w.Name == "transformer.h.0.mlp.c_proj.weight").Recipe!.Axes];
        int[] circular = [.. Enumerable.Range(0, 96).Select(j => j % 48)];
        Assert.Equal(circular, up[0].Expansion.Map.ToArray());
        Assert.Equal(circular, down[1].Expansion.Map.ToArray());
        Assert.NotEqual(Enumerable.Range(0, 384).Select(j => j % 192), up[1].Expansion.Map.ToArray());
        Assert.Equal(up[1].Expansion.Map.ToArray(), down[0].Expansion.Map.ToArray());
    }

    [Theory]
    [InlineData(ElementType.Float32, 2)]
    [InlineData(ElementType.Float32, 3)]
    [InlineData(ElementType.Float16, 2)]
    [InlineData(ElementType.BFloat16, 5)]
    public void Noise_has_the_ratio_asked_for_and_cancels_in_pairs(ElementType type, int copies)
    {
        const int Width = 64;
        WeightRecipe recipe = RecipeTensorDataTests.Linear(type, Width, Width, average: false);
        var columns = new AxisExpansion(Width, [.. Enumerable.Range(0, copies * Width).Select(j => j % Width)], []);
        recipe = recipe with
        {
            Axes = [new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(Width)), new RecipeAxis(AxisRole.Reader, columns)],
            Split = SplitStyle.Equal,
            NoiseDb = 20,
        };
        double[] noisy = HeldData.Of(GrownData.Of(recipe)).Values;
        double[] clean = HeldData.Of(GrownData.Of(recipe with { NoiseDb = null })).Values;
        double[] source = HeldData.Doubles(recipe.Source);
        double noise = 0;
        double signal = 0;
        for (int row = 0; row < Width; row++)
        {
            for (int j = 0; j < copies * Width; j++)
            {
                int at = (row * copies * Width) + j;
                int copy = j / Width;
                bool alone = copy == copies - 1 && copies % 2 != 0;
                double difference = noisy[at] - clean[at];
                noise += difference * difference;
                signal += alone ? 0 : clean[at] * clean[at];
                int partner = alone ? at : copy % 2 == 0 ? at + Width : at - Width;
                if (copies == 2)
                {
                    Assert.Equal(source[(row * Width) + (j % Width)], noisy[at] + noisy[partner]);
                }

                Assert.False(alone && difference != 0);
            }
        }

        Assert.InRange(10 * Math.Log10(signal / noise), 19, 22);
    }

    [Fact]
    public void Aki_takes_new_units_from_the_layer_behind()
    {
        using OnnxModel model = OnnxModel.Open(Repository.Model("gpt2-mini-op17.onnx"));
        ModelMap map = ModelMap.Of(model);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Ffn = 200, Method = "bert2bert-aki" }));
        double[] bias = Grown(0);
        double[] own = Source(0);
        double[] behind = Source(1);
        int[] drawn = RandomMaps.Draw(192, 200, 0, "ffn.0");
        Assert.Equal(own, bias[..192]);
        Assert.Equal(drawn[192..].Select(i => behind[i]), bias[192..]);
        Assert.Equal(RandomMaps.Draw(192, 200, 0, "ffn.2")[192..].Select(i => Source(2)[i]), Grown(2)[192..]);
        Assert.Equal(Exactness.Lossy, grown.Exactness);

        double[] Source(int layer) => HeldData.Of(model.DataOf(model.Proto.Graph.Initializer.Single(t => t.Name == Name(layer)))).Values;
        double[] Grown(int layer) => HeldData.Of(grown.Model.DataOf(grown.Weights.Single(w => w.Name == Name(layer)).Tensor)).Values;
        static string Name(int layer) => FormattableString.Invariant($"transformer.h.{layer}.mlp.c_fc.bias");
    }
}
