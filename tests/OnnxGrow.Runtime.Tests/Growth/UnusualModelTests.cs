using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Models of unusual form: weights that only a graph within the graph uses, newer operator sets, training graphs.</summary>
public class UnusualModelTests
{
    public static TheoryData<bool, bool> Uses => new() { { false, false }, { true, false }, { false, true }, { true, true } };

    [Theory]
    [MemberData(nameof(Uses))]
    public void A_weight_that_only_a_branch_uses_grows_right_or_not_at_all(bool tied, bool outsideToo)
    {
        using OnnxModel source = Branching(tied, outsideToo);
        ModelMap map = ModelMap.Of(source);
        int tried = 0;
        foreach (Dimension dimension in map.Dimensions)
        {
            foreach (long target in new[] { dimension.Extent * 2, dimension.Extent + 1 })
            {
                var plan = new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(dimension.Name, target), Seed = 3 };
                GrownModel grown;
                tried++;
                try
                {
                    grown = Grower.Grow(map, plan);
                }
                catch (CannotGrowException e)
                {
                    Assert.Contains(dimension.Name, e.Message, StringComparison.Ordinal);
                    continue;
                }

                using (grown)
                {
                    Proof.Holds(Proof.Of(source, grown), $"{dimension.Name} to {target}");
                }
            }
        }

        Assert.True(tried > 0, "there are dimensions");
    }

    [Fact]
    public void A_model_of_an_operator_set_above_those_known_is_read_and_not_grown()
    {
        foreach ((long opset, bool known) in new[] { (KnownForm.NewestOpset, true), (KnownForm.NewestOpset + 1, false), (9999, false) })
        {
            using OnnxModel source = Small(m => m.OpsetImport[0].Version = opset);
            ModelMap map = ModelMap.Of(source);
            Assert.NotEmpty(map.Dimensions);
            Exception? error = Record.Exception(() => Grow(map).Dispose());
            if (known)
            {
                Assert.Null(error);
            }
            else
            {
                Assert.IsType<CannotGrowException>(error);
                Assert.Contains(FormattableString.Invariant($"operator set {opset}"), error.Message, StringComparison.Ordinal);
                Assert.Contains(FormattableString.Invariant($"up to {KnownForm.NewestOpset}"), error.Message, StringComparison.Ordinal);
                Assert.All(Growability.Of(map), g => Assert.False(g.CanGrow));
            }
        }
    }

    [Fact]
    public void A_model_with_training_graphs_is_read_kept_and_not_grown()
    {
        using OnnxModel source = Small(m => m.TrainingInfo.Add(new TrainingInfoProto
        {
            Algorithm = new GraphProto { Name = "step", Node = { new NodeProto { OpType = "Identity", Input = { m.Graph.Initializer[0].Name }, Output = { "next" } } } },
            UpdateBinding = { new StringStringEntryProto { Key = m.Graph.Initializer[0].Name, Value = "next" } },
        }));
        ModelMap map = ModelMap.Of(source);
        Assert.NotEmpty(map.Dimensions);
        CannotGrowException error = Assert.Throws<CannotGrowException>(() => Grow(map).Dispose());
        Assert.Contains("training_info", error.Message, StringComparison.Ordinal);
        Assert.Equal(source.Proto, ModelProto.Parser.ParseFrom(source.ToBytes()));
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    public void A_weight_that_is_not_finite_is_never_called_lossless(float value)
    {
        // The weight that reads the stream and writes it: copies on one side, shares or zeros on the other.
        using OnnxModel source = Small(m =>
        {
            TensorProto weight = m.Graph.Initializer.Single(t => t.Name.StartsWith("mid", StringComparison.Ordinal));
            byte[] bytes = weight.RawData.ToByteArray();
            BitConverter.GetBytes(value).CopyTo(bytes, 20);
            weight.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
        });
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grow(map);
        Reports.EquivalenceReport report = Proof.Of(source, grown);
        Assert.NotEqual(Comparison.Verdict.Equivalent, report.Verdict);
        Assert.Contains("warning", report.Certificate!.Text, StringComparison.Ordinal);
        Assert.Contains("0 times infinity is not 0", report.Certificate!.Text, StringComparison.Ordinal);
        Assert.Contains("'mid", report.Certificate.Text, StringComparison.Ordinal);
    }

    private static GrownModel Grow(ModelMap map)
    {
        Dimension widest = map.Dimensions.First(d => d.Extent == 6);
        return Grower.Grow(map, new GrowthPlan { Dimensions = new GrowthPlan().Dimensions.Add(widest.Name, 9), Seed = 3 });
    }

    private static OnnxModel Small(Action<ModelProto> change)
    {
        var g = new GraphBuilder(new SplitMix64(11), 17);
        string h = g.Node("MatMul", [g.Input("x", ElementType.Float32, "batch", 4), g.Weight("in", 0.6, 0, 4, 6)]);
        string normed = g.Node("LayerNormalization", [h, g.Weight("gain", 0.3, 1, 6)], ("axis", -1), ("epsilon", 1e-3f));
        string sum = g.Node("Add", [h, g.Node("MatMul", [normed, g.Weight("mid", 0.6, 0, 6, 6)])]);
        g.Output(g.Node("MatMul", [sum, g.Weight("out", 0.6, 0, 6, 3)]), "y", ElementType.Float32, "batch", 3);
        ModelProto model = g.Finish();
        change(model);
        return OnnxModel.FromProto(model);
    }

    /// <summary>y = (c ? tanh(h W1) : tanh(h W2)) U with h = x E, where W1 and W2 are known to the branches' nodes only.</summary>
    private static OnnxModel Branching(bool tied, bool outsideToo)
    {
        var g = new GraphBuilder(new SplitMix64(11), 17);
        string h = g.Node("MatMul", [g.Input("x", ElementType.Float32, "batch", 4), g.Weight("in", 0.6, 0, 4, 6)]);
        string c = g.Input("c", ElementType.Bool);
        string first = g.Weight("first", 0.6, 0, 6, 5);
        string second = tied ? first : g.Weight("second", 0.6, 0, 6, 5);
        var choice = new NodeProto { OpType = "If", Name = "choice", Input = { c }, Output = { "chosen" } };
        choice.Attribute.Add(TestGraph.Attribute("then_branch", Branch("then", h, first)));
        choice.Attribute.Add(TestGraph.Attribute("else_branch", Branch("else", h, second)));
        g.Graph.Node.Add(choice);
        string chosen = outsideToo ? g.Node("Add", ["chosen", g.Node("MatMul", [g.Node("Sigmoid", [h]), first])]) : "chosen";
        g.Output(g.Node("MatMul", [chosen, g.Weight("out", 0.6, 0, 5, 3)]), "y", ElementType.Float32, "batch", 3);
        return OnnxModel.FromProto(g.Finish());
    }

    private static GraphProto Branch(string name, string h, string weight) => new()
    {
        Name = name,
        Node =
        {
            TestGraph.NodeOf("MatMul", $"{h},{weight}", $"{name}_product"),
            TestGraph.NodeOf("Tanh", $"{name}_product", $"{name}_y"),
        },
        Output = { TestGraph.Info($"{name}_y", ElementType.Float32, "batch", 5) },
    };
}
