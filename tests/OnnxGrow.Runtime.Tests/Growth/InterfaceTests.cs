using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Certificate;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>What a model hands out keeps its name and its meaning.</summary>
public class InterfaceTests
{
    /// <summary>The model with what every layer hands on as a further output.</summary>
    private static OnnxModel WithHiddenStates(string file)
    {
        var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Repository.Model(file)));
        using OnnxModel plain = OnnxModel.FromProto(proto.Clone());
        foreach (OnnxGrow.Analysis.Layers.Layer layer in ModelMap.Of(plain).Layers)
        {
            var shape = new TensorShapeProto();
            shape.Dim.AddRange(layer.Output.Axes!.Select((a, i) => a.Extent is { } extent
                ? new TensorShapeProto.Types.Dimension { DimValue = extent }
                : new TensorShapeProto.Types.Dimension { DimParam = "dynamic_" + i }));
            proto.Graph.Output.Add(new ValueInfoProto
            {
                Name = layer.Output.Name,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float32, Shape = shape } },
            });
        }

        return OnnxModel.FromProto(proto);
    }

    [Theory]
    [InlineData("bert-mini-op12.onnx")]
    [InlineData("bert-mini-op17.onnx")]
    [InlineData("gpt2-mini-op17.onnx")]
    [InlineData("vit-mini-qkv-op12.onnx")]
    public void Hidden_states_as_outputs_keep_names_and_values_when_layers_are_added(string file)
    {
        using OnnxModel source = WithHiddenStates(file);
        ModelMap map = ModelMap.Of(source);
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Layers = 7, Heads = 4, Ffn = 200 });
        using GrownModel grown = Grower.Grow(map, plan);
        Assert.Equal(source.Proto.Graph.Output, grown.Model.Proto.Graph.Output);
        using OnnxModel written = OnnxModel.FromProto(ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));
        ModelCertificate certificate = ModelCertificate.Check(grown, written);
        Assert.True(certificate.Passed, certificate.Text);
        EquivalenceReport report = EquivalenceChecker.Compare(source, written, grown.Model, grown.ExactAttributes, new EquivalenceOptions { MaxLength = 5, Depth = 7 });
        Assert.True(report.Verdict == Verdict.Equivalent, report.Summary);
        Assert.Equal(source.Proto.Graph.Output.Count, report.Witness!.Outputs.Count);
    }

    [Fact]
    public void A_width_that_is_handed_out_cannot_grow_and_the_output_is_named()
    {
        using OnnxModel source = WithHiddenStates("gpt2-mini-op17.onnx");
        ModelMap map = ModelMap.Of(source);
        string message = Assert.Throws<CannotGrowException>(() => Planner.Plan(map, new GrowthRequest { Hidden = 96 })).Message;
        Assert.Contains("it is an axis of the model's output", message, StringComparison.Ordinal);
        Assert.Contains("--widen-interface", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Initializers_that_are_inputs_too_grow_with_their_types()
    {
        ModelProto proto = RandomTransformer.Build(new TransformerShape { Layers = 2, Decomposed = true, Bias = true }, 4);
        foreach (TensorProto tensor in proto.Graph.Initializer)
        {
            var shape = new TensorShapeProto();
            shape.Dim.AddRange(tensor.Dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
            proto.Graph.Input.Add(new ValueInfoProto
            {
                Name = tensor.Name,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } },
            });
        }

        using OnnxModel source = OnnxModel.FromProto(proto);
        ModelMap map = ModelMap.Of(source);
        using GrownModel grown = Grower.Grow(map, Planner.Plan(map, new GrowthRequest { Hidden = 12, Layers = 3 }));
        using OnnxModel written = OnnxModel.FromProto(ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));
        EquivalenceReport report = EquivalenceChecker.Compare(source, written, grown.Model, grown.ExactAttributes, new EquivalenceOptions { MaxLength = 4, Depth = 3 });
        Assert.True(report.Verdict == Verdict.Equivalent, report.Summary);
    }

    [Fact]
    public void What_is_read_and_written_runs_to_the_same_bits()
    {
        foreach (string path in Repository.Models)
        {
            using OnnxModel model = OnnxModel.Open(path);
            using var folder = new TemporaryFolder();
            string copy = folder.File("copy.onnx");
            model.Save(copy);
            using OnnxModel again = OnnxModel.Open(copy);
            using var first = new OrtSession(model);
            using var second = new OrtSession(again);
            foreach (InputCase inputs in InputGenerator.Generate(model, 3, 7, inputs => TrialRun.Of(first, inputs)).Cases)
            {
                IReadOnlyDictionary<string, RuntimeTensor> a = first.Run(inputs.Inputs);
                IReadOnlyDictionary<string, RuntimeTensor> b = second.Run(inputs.Inputs);
                foreach ((string name, RuntimeTensor tensor) in a)
                {
                    Assert.True(tensor.Bytes.Span.SequenceEqual(b[name].Bytes.Span), $"{path}: {name}");
                }
            }
        }
    }
}
