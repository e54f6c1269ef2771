using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Training.Differentiation;
using Xunit;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>
/// Checks the gradients of a small graph, in float64, against central differences: the loss is a random weighting of the
/// outputs, every element of every input is moved a little both ways.
/// </summary>
internal static class GradientCheck
{
    private const double Step = 1e-5;

    /// <summary>The largest difference allowed, relative to the largest gradient of an input.</summary>
    private const double Tolerance = 1e-6;

    /// <summary>Checks one node.</summary>
    /// <param name="op">The operator, with its domain before a dot.</param>
    /// <param name="opset">The operator set.</param>
    /// <param name="outputs">Names of its outputs; "a:Int64" for one of another type than float32, not part of the loss.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="inputs">Its inputs; floats are differentiated, null leaves one out.</param>
    public static void Node(
        string op, long opset, string outputs, (string Name, object Value)[] attributes, params (string Name, RuntimeTensor? Value)[] inputs)
    {
        var graph = new TestGraph(opset);
        foreach ((string name, RuntimeTensor? value) in inputs)
        {
            if (value is { IsFloat: true })
            {
                graph.Input(name, ElementType.Float32, [.. value.Dims.Select(d => (object)d)]);
            }
            else if (value is not null)
            {
                graph.Initializer(Tensors.Numbers(name, value.ElementType, [.. value.Dims], value.ToDoubles()));
            }
        }

        string[] names = [.. outputs.Split(',').Select(o => o.Split(':')[0])];
        graph.Node(op, string.Join(',', inputs.Select(i => i.Value is null ? "" : i.Name)).TrimEnd(','), string.Join(',', names), attributes);
        foreach (string output in outputs.Split(',').Where(o => o.Length > 0))
        {
            ElementType type = output.Split(':') is [_, var t] ? Enum.Parse<ElementType>(t) : ElementType.Float32;
            graph.Output(output.Split(':')[0], type);
        }

        using OnnxModel model = graph.Build();
        foreach (ValueInfoProto output in model.Proto.Graph.Output)
        {
            output.Type.TensorType.Shape = null;
        }

        Graph(model, [.. inputs.Where(i => i.Value is { IsFloat: true }).Select(i => (i.Name, i.Value!))]);
    }

    /// <summary>Checks a graph whose float inputs are all given.</summary>
    public static void Graph(OnnxModel model, params (string Name, RuntimeTensor Value)[] inputs)
    {
        var values = inputs.ToDictionary(i => i.Name, i => i.Value.ConvertTo(ElementType.Float64), StringComparer.Ordinal);
        Dictionary<string, double[]> gradients = Gradients(model, values, out Func<IReadOnlyDictionary<string, RuntimeTensor>, double> loss);
        foreach ((string name, RuntimeTensor at) in values)
        {
            Assert.True(gradients.ContainsKey(name), $"no gradient reaches '{name}'");
            double[] x = at.ToDoubles();
            double[] expected = new double[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                expected[i] = (Moved(Step) - Moved(-Step)) / (2 * Step);
                double Moved(double by)
                {
                    double[] moved = [.. x];
                    moved[i] += by;
                    return loss(new Dictionary<string, RuntimeTensor>(values, StringComparer.Ordinal) { [name] = RuntimeTensor.FromDoubles(ElementType.Float64, at.Dims, moved) });
                }
            }

            double scale = Math.Max(1, expected.Max(Math.Abs));
            for (int i = 0; i < x.Length; i++)
            {
                Assert.True(
                    Math.Abs(expected[i] - gradients[name][i]) <= Tolerance * scale,
                    $"d loss / d {name}[{i}]: differences give {expected[i]:R}, the graph {gradients[name][i]:R}");
            }
        }
    }

    /// <summary>The gradients, and the loss as a function of the inputs.</summary>
    private static Dictionary<string, double[]> Gradients(
        OnnxModel model, Dictionary<string, RuntimeTensor> inputs, out Func<IReadOnlyDictionary<string, RuntimeTensor>, double> loss)
    {
        // The operators stay as they are; what the runtime has no float64 kernel for is lowered when it runs.
        using OnnxModel wide = PrimitiveForm.Of(model, ElementType.Float64, _ => false);
        using OnnxModel shapes = Float64Lift.Lift(wide);
        ValueTable values = ValueTable.Of(shapes, inputs);
        string[] outputs = [.. wide.Proto.Graph.Output.Where(o => o.Type.TensorType.ElemType == (int)ElementType.Float64).Select(o => o.Name)];
        OnnxModel training = wide.Clone();
        var writer = new GraphWriter(training.Proto.Graph) { FloatType = ElementType.Float64 };
        var seeds = new Dictionary<string, string>(StringComparer.Ordinal);
        string total = "";
        foreach (string output in outputs)
        {
            long[] dims = values.DimsOf(output);
            var random = new Random(output.Length + dims.Length);
            TensorProto weights = Tensors.Float64("weights_of_" + output, dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => (2 * random.NextDouble()) - 1)]);
            training.Proto.Graph.Initializer.Add(weights);
            seeds[output] = weights.Name;
            string part = writer.SumAll(writer.Mul(output, weights.Name));
            total = total.Length == 0 ? part : writer.Add(total, part);
        }

        var differentiator = new Differentiator(writer, values, new SmallConstants(wide).ValuesOf);
        IReadOnlyDictionary<string, string> gradients = differentiator.Run(seeds, [.. inputs.Keys]);
        training.Proto.Graph.Output.Clear();
        training.Proto.Graph.Output.Add(new ValueInfoProto { Name = total });
        var forward = new OrtSession(Float64Lift.Lift(training), new OrtSessionOptions { Optimization = GraphOptimization.None });
        string lossName = total;
        loss = x => forward.Run(x)[lossName].ToDoubles()[0];

        training.Proto.Graph.Output.Clear();
        training.Proto.Graph.Output.Add(gradients.Values.Distinct().Select(g => new ValueInfoProto { Name = g }));
        using OnnxModel backward = Float64Lift.Lift(training);
        using var session = new OrtSession(backward, new OrtSessionOptions { Optimization = GraphOptimization.None });
        IReadOnlyDictionary<string, RuntimeTensor> found = session.Run(inputs);
        foreach ((string input, string gradient) in gradients)
        {
            Assert.Equal([.. inputs[input].Dims], found[gradient].Dims.ToArray());
        }

        return gradients.ToDictionary(g => g.Key, g => found[g.Value].ToDoubles(), StringComparer.Ordinal);
    }
}
