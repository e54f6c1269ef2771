using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Runs;
using Xunit;

namespace OnnxGrow.Training.Tests.Preparation;

/// <summary>Weights that a file holds in a wider type than its graph computes in.</summary>
public sealed class WideWeightsTests
{
    private const string Bias = "head/bias:0";

    [Fact]
    public void Are_trained_in_the_type_of_the_others_and_written_back_in_their_own()
    {
        using OnnxModel source = OnnxModel.Open(Repository.Model("styles/bert-tf-op11.onnx"));
        Assert.Equal((int)ElementType.Float64, source.Proto.Graph.Initializer.Single(t => t.Name == Bias).DataType);
        using TrainableModel model = TrainableModel.Of(source, ExampleInputs.Of(source), new ParameterFilter());
        Assert.All(model.Parameters, p => Assert.Equal(ElementType.Float32, model.ValueOf(p).ElementType));
        Parameter bias = model.Parameters.Single(p => p.Name == Bias);
        double[] moved = [.. model.ValueOf(bias).ToDoubles().Select(v => (double)(float)(v + 0.5))];

        using OnnxModel trained = source.Clone();
        TrainedModel.PutBack(trained, [Bias], _ => RuntimeTensor.FromDoubles(ElementType.Float32, bias.Dims, moved), []);
        var found = trained.Proto.Graph.Initializer.Single(t => t.Name == Bias);
        Assert.Equal((int)ElementType.Float64, found.DataType);
        double[] values = new double[moved.Length];
        trained.DataOf(found).ReadDoubles(0, values);
        Assert.Equal(moved, values);
    }
}
