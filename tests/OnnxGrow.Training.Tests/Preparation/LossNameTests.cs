using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Preparation;

/// <summary>Models whose own values are called as something in the training graph is.</summary>
public sealed class LossNameTests
{
    [Theory]
    [InlineData("loss")]
    [InlineData("count")]
    [InlineData("correct")]
    [InlineData("gradient_scale")]
    [InlineData("learning_rate")]
    [InlineData("labels")]
    [InlineData("target")]
    [InlineData("teacher_logits")]
    public void A_value_within_the_model_may_have_any_name(string name)
    {
        double[] plain = Gradient(Model("x", "w", "plain", "y"), "w"), named = Gradient(Model("x", "w", name, "y"), "w");
        Assert.Equal(plain, named);
        Assert.Contains(plain, g => g != 0);
    }

    [Theory]
    [InlineData("loss")]
    [InlineData("learning_rate")]
    [InlineData("gradient_norm")]
    public void A_weight_and_an_output_may_be_called_as_what_a_step_gives(string name)
    {
        double[] plain = Gradient(Model("x", "w", "h", "y"), "w");
        Assert.Equal(plain, Gradient(Model("x", name, "h", "y"), name));
        Assert.Equal(plain, Gradient(Model("x", "w", "h", name), "w"));
    }

    [Theory]
    [InlineData("labels", "w", "h", "y")]
    [InlineData("x", "labels", "h", "y")]
    [InlineData("x", "w", "h", "labels")]
    [InlineData("x", "w", "onnxgrow/loss", "y")]
    [InlineData("x", "w", "w/gradient", "y")]
    public void What_files_and_data_go_by_is_not_renamed_but_refused(string input, string weight, string hidden, string output)
    {
        string message = Assert.Throws<CannotTrainException>(() => Gradient(Model(input, weight, hidden, output), weight)).Message;
        Assert.Contains("rename it", message, StringComparison.Ordinal);
        Assert.Contains($"'{new[] { input, weight, hidden, output }.Single(n => n.Length > 1)}'", message, StringComparison.Ordinal);
    }

    private static OnnxModel Model(string input, string weight, string hidden, string output)
    {
        var graph = new GraphProto { Name = "named" };
        graph.Input.Add(TrainingGraph.Info(input, ElementType.Float32, [-1, 3]));
        graph.Output.Add(TrainingGraph.Info(output, ElementType.Float32, [-1, 3]));
        graph.Initializer.Add(Tensors.Numbers(weight, ElementType.Float32, [3, 3], [.. Enumerable.Range(0, 9).Select(i => Math.Cos(i))]));
        graph.Node.Add(new NodeProto { OpType = "MatMul", Input = { input, weight }, Output = { hidden } });
        graph.Node.Add(new NodeProto { OpType = "Tanh", Input = { hidden }, Output = { output } });
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 18 });
        return OnnxModel.FromProto(model);
    }

    private static double[] Gradient(OnnxModel source, string weight)
    {
        using OnnxModel model = source;
        string input = model.Proto.Graph.Input[0].Name;
        RuntimeTensor x = RuntimeTensor.FromDoubles(ElementType.Float32, [2, 3], [.. Enumerable.Range(0, 6).Select(i => Math.Sin(i))]);
        using TrainableModel trainable = TrainableModel.Of(model, new Dictionary<string, RuntimeTensor> { [input] = x }, new ParameterFilter());
        var loss = new CrossEntropy(null);
        using TrainingGraph evaluation = TrainingGraph.Evaluation(trainable, loss);
        using TrainingGraph further = TrainingGraph.Backward(trainable, loss, adds: true);
        using TrainingGraph graph = TrainingGraph.Backward(trainable, loss, adds: false);
        using var session = new OrtSession(graph.Model);
        return session.Run(new Dictionary<string, RuntimeTensor>
        {
            [input] = x,
            [weight] = trainable.ValueOf(trainable.Parameters[0]),
            [CrossEntropy.Labels] = RuntimeTensor.FromDoubles(ElementType.Int64, [2], [0, 2]),
            [TrainingGraph.Scale] = RuntimeTensor.FromDoubles(ElementType.Float32, [], [1]),
        })[TrainingGraph.GradientOf(weight)].ToDoubles();
    }
}
