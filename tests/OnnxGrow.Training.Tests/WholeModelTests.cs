using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests;

/// <summary>Gradients of whole models, in float64: along random directions they are what the loss does.</summary>
public sealed class WholeModelTests
{
    public static TheoryData<string> Models => [.. Repository.AllModels.Select(p => Path.GetRelativePath(Repository.Root, p))];

    /// <summary>Models that cannot be trained, or not be checked in float64, and what is said of them.</summary>
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["models/styles/gpt-merged.onnx"] = "no weights to train",
        ["models/styles/gpt-nbits-ms.onnx"] = "quantised",

        // A Conv whose weight is a gradient: only the float64 form of it is missing, the runtime's own kernel runs it.
        ["models/styles/whisper-encoder-plain.onnx"] = "the shape of the weight",
        ["models/styles/whisper-encoder-ms.onnx"] = "the shape of the weight",
        ["models/whisper-encoder-mini-op13.onnx"] = "the shape of the weight",
        ["models/whisper-encoder-mini-op17.onnx"] = "the shape of the weight",
        ["models/hybrid-mini-op9.onnx"] = "the shape of the weight",
        ["models/hybrid-mini-op17.onnx"] = "the shape of the weight",
        ["models/styles/gpt-if-cache.onnx"] = "no gradient for If",
        ["models/styles/gpt-if-squeeze.onnx"] = "no gradient for If",
        ["models/styles/gpt-loop.onnx"] = "no gradient for Loop",
        ["models/styles/gpt-scan.onnx"] = "no gradient for Scan",
        ["models/styles/gpt-qdq.onnx"] = "quantised",
    };

    /// <summary>Whether a model is one of those.</summary>
    internal static bool IsRefused(string file) => Refused.ContainsKey(file.Replace('\\', '/'));

    [Theory]
    [MemberData(nameof(Models))]
    public void The_gradient_is_what_the_loss_does_or_it_is_refused(string file)
    {
        if (Refused.TryGetValue(file.Replace('\\', '/'), out string? says))
        {
            Assert.Contains(says, Assert.ThrowsAny<OnnxGrowException>(() => Check(file)).Message, StringComparison.Ordinal);
            return;
        }

        Check(file);
    }

    private static void Check(string file)
    {
        using OnnxModel source = OnnxModel.Open(Path.Combine(Repository.Root, file));
        Dictionary<string, RuntimeTensor> example = Unmasked(ExampleInputs.Of(source));
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
            inputs[parameter.Name] = model.ValueOf(parameter);
        }

        IReadOnlyDictionary<string, RuntimeTensor> found = session.Run(inputs);
        Assert.True(graph.Reached.Count * 10 >= model.Parameters.Count * 6, $"only {graph.Reached.Count} of {model.Parameters.Count} weights have a gradient");

        // One direction for all weights of a kind together, then one for each of a few weights.
        string[] reached = [.. model.Parameters.Select(p => p.Name).Where(graph.Reached.Contains)];
        Along(reached);
        foreach (string single in reached.Where((_, i) => i % Math.Max(1, reached.Length / 6) == 0))
        {
            Along([single]);
        }

        void Along(string[] names)
        {
            var directions = names.ToDictionary(n => n, n => Noise(random, inputs[n].Dims), StringComparer.Ordinal);
            double expected = 0;
            foreach (string name in names)
            {
                double[] gradient = found[TrainingGraph.GradientOf(name)].ToDoubles();
                expected += gradient.Zip(directions[name].ToDoubles(), (g, d) => g * d).Sum();
            }

            // Fourth order: what is left is the rounding of the loss.
            const double h = 1e-6;
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

    /// <summary>
    /// Without padding: a query that sees nothing at all has its scores swallowed by the mask's huge number, so that the loss does
    /// not move with them, and the gradient of an addition cannot know.
    /// </summary>
    private static Dictionary<string, RuntimeTensor> Unmasked(IReadOnlyDictionary<string, RuntimeTensor> inputs) => inputs.ToDictionary(
        i => i.Key,
        i => i.Key.Contains("mask", StringComparison.OrdinalIgnoreCase) && !i.Value.IsFloat
            ? RuntimeTensor.FromIntegers(i.Value.ElementType, i.Value.Dims, [.. Enumerable.Repeat(1L, (int)i.Value.Count)])
            : i.Value,
        StringComparer.Ordinal);

    private static RuntimeTensor Noise(Random random, IEnumerable<long> dims)
    {
        long[] extents = [.. dims];
        double[] values = [.. Enumerable.Range(0, (int)extents.Aggregate(1L, (a, b) => a * b)).Select(_ => (2 * random.NextDouble()) - 1)];
        return RuntimeTensor.FromDoubles(ElementType.Float64, extents, values);
    }
}
