using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Testing;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests;

/// <summary>Gradients of whole models, in float64: along random directions they are what the loss does.</summary>
public sealed class WholeModelTests
{
    public static TheoryData<string> Models => [.. Repository.AllModels.Select(p => Path.GetRelativePath(Repository.Root, p))];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_gradient_is_what_the_loss_does(string file)
    {
        using OnnxModel source = OnnxModel.Open(Path.Combine(Repository.Root, file));
        IReadOnlyDictionary<string, RuntimeTensor> example = ExampleInputs.Of(source);
        using TrainableModel model = TrainableModel.Of(source, example, new ParameterFilter(), ElementType.Float64);
        string output = model.Forward.Proto.Graph.Output.Select(o => o.Name).First(o => ElementTypes.IsGrowable(model.Values.TypeOf(o)));
        using TrainingGraph graph = TrainingGraph.Backward(model, new MeanSquaredError(output), adds: false);
        using OnnxModel runnable = Float64Lift.Lift(graph.Model);
        using var session = new OrtSession(runnable, new OrtSessionOptions { Optimization = GraphOptimization.None });
        var random = new Random(3);
        var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        foreach (string name in graph.DataInputs)
        {
            inputs[name] = name == MeanSquaredError.Target ? Noise(random, model.Values.DimsOf(output))
                : example[name].IsFloat ? example[name].ConvertTo(ElementType.Float64)
                : example[name];
        }

        inputs[TrainingGraph.Scale] = RuntimeTensor.FromDoubles(ElementType.Float64, [], [1]);
        foreach (Parameter parameter in model.Parameters)
        {
            double[] values = new double[parameter.Count];
            model.DataOf(parameter).ReadDoubles(0, values);
            inputs[parameter.Name] = RuntimeTensor.FromDoubles(ElementType.Float64, parameter.Dims, values);
        }

        IReadOnlyDictionary<string, RuntimeTensor> found = session.Run(inputs);
        Assert.True(graph.Reached.Count * 10 >= model.Parameters.Count * 6, $"only {graph.Reached.Count} of {model.Parameters.Count} weights have a gradient");

        // One direction for all weights of a kind together, then one for each of a few weights.
        string[] reached = [.. model.Parameters.Select(p => p.Name).Where(graph.Reached.Contains)];
        Check(reached);
        foreach (string single in reached.Where((_, i) => i % Math.Max(1, reached.Length / 6) == 0))
        {
            Check([single]);
        }

        void Check(string[] names)
        {
            var directions = names.ToDictionary(n => n, n => Noise(random, inputs[n].Dims), StringComparer.Ordinal);
            double expected = 0;
            foreach (string name in names)
            {
                double[] gradient = found[TrainingGraph.GradientOf(name)].ToDoubles();
                expected += gradient.Zip(directions[name].ToDoubles(), (g, d) => g * d).Sum();
            }

            // Fourth order: what is left is the rounding of the loss.
            const double h = 1e-4;
            double slope = ((8 * (Loss(h) - Loss(-h))) - (Loss(2 * h) - Loss(-2 * h))) / (12 * h);
            Assert.True(
                Math.Abs(slope - expected) <= 1e-6 * Math.Max(1, Math.Abs(expected)),
                $"{file}, {string.Join(", ", names.Take(3))}: the loss changes by {slope:R}, the gradient says {expected:R}");

            double Loss(double by)
            {
                var moved = new Dictionary<string, RuntimeTensor>(inputs, StringComparer.Ordinal);
                foreach (string name in names)
                {
                    moved[name] = RuntimeTensor.FromDoubles(
                        ElementType.Float64, inputs[name].Dims, [.. inputs[name].ToDoubles().Zip(directions[name].ToDoubles(), (w, d) => w + (by * d))]);
                }

                return session.Run(moved)[TrainingGraph.Loss].ToDoubles()[0];
            }
        }
    }

    private static RuntimeTensor Noise(Random random, IEnumerable<long> dims)
    {
        long[] extents = [.. dims];
        double[] values = [.. Enumerable.Range(0, (int)extents.Aggregate(1L, (a, b) => a * b)).Select(_ => (2 * random.NextDouble()) - 1)];
        return RuntimeTensor.FromDoubles(ElementType.Float64, extents, values);
    }
}
