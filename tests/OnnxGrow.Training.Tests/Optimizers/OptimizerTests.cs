using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Devices;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Tests.Gradients;
using Xunit;

namespace OnnxGrow.Training.Tests.Optimizers;

/// <summary>Update graphs against the rules written out in float64, over several steps, each tensor written over itself.</summary>
public sealed class OptimizerTests
{
    private const double Rate = 0.01;
    private const double Decay = 0.1;
    private static readonly Parameter W = new("W", [3, 4], ParameterRole.Matrix);
    private static readonly Parameter B = new("b", [4], ParameterRole.Vector);

    [Fact]
    public void AdamW_is_PyTorchs()
    {
        Check(new AdamW(0.9, 0.98, 1e-6), 0, (w, g, decay, step, state) =>
        {
            double[] m = state("exp_avg"), v = state("exp_avg_sq");
            for (int i = 0; i < w.Length; i++)
            {
                w[i] *= 1 - (Rate * decay);
                m[i] = (0.9 * m[i]) + (0.1 * g[i]);
                v[i] = (0.98 * v[i]) + (0.02 * g[i] * g[i]);
                double root = (Math.Sqrt(v[i]) / Math.Sqrt(1 - Math.Pow(0.98, step))) + 1e-6;
                w[i] -= Rate / (1 - Math.Pow(0.9, step)) * m[i] / root;
            }
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sgd_is_PyTorchs(bool nesterov) => Check(new Sgd(0.9, nesterov), 0, (w, g, decay, _, state) =>
    {
        double[] buffer = state("momentum_buffer");
        for (int i = 0; i < w.Length; i++)
        {
            buffer[i] = (0.9 * buffer[i]) + g[i];
            w[i] = (w[i] * (1 - (Rate * decay))) - (Rate * (nesterov ? g[i] + (0.9 * buffer[i]) : buffer[i]));
        }
    });

    [Fact]
    public void Lion_is_its_rule() => Check(new Lion(), 0, (w, g, decay, _, state) =>
    {
        double[] m = state("exp_avg");
        for (int i = 0; i < w.Length; i++)
        {
            w[i] = (w[i] * (1 - (Rate * decay))) - (Rate * Math.Sign((0.9 * m[i]) + (0.1 * g[i])));
            m[i] = (0.99 * m[i]) + (0.01 * g[i]);
        }
    });

    [Fact]
    public void Gradients_are_clipped_by_the_norm_of_all_together() => Check(new Sgd(0), 0.5, (w, g, decay, _, _) =>
    {
        for (int i = 0; i < w.Length; i++)
        {
            w[i] = (w[i] * (1 - (Rate * decay))) - (Rate * g[i]);
        }
    });

    [Fact]
    public void Muon_turns_a_matrix_by_a_nearly_orthogonal_one()
    {
        var muon = new Muon(new AdamW());
        using OptimizerGraph graph = OptimizerGraph.Of([(W, RelativeRate.One, 0)], muon, 0, 0, ElementType.Float64);
        double[] gradient = Values.Normal(3, 3, 4).ToDoubles();
        IReadOnlyDictionary<string, RuntimeTensor> run = Run(graph, muon, 1, new()
        {
            ["W"] = Tensor(W, new double[12]), ["W/gradient"] = Tensor(W, gradient), ["W/momentum_buffer"] = Tensor(W, new double[12]),
        });
        double size = Rate * 0.2 * 2;
        double[] turned = [.. run["W/next"].ToDoubles().Select(v => -v / size)];

        // The rows of the result are nearly orthonormal: singular values within those that five steps reach (0.68 to 1.13).
        for (int i = 0; i < 3; i++)
        {
            double square = Enumerable.Range(0, 4).Sum(k => turned[(i * 4) + k] * turned[(i * 4) + k]);
            Assert.InRange(square, 0.4, 1.35);
            Assert.True(Enumerable.Range(0, 4).Sum(k => turned[(i * 4) + k] * gradient[(i * 4) + k]) > 0);
        }

        Assert.Equal(gradient, run["W/momentum_buffer/next"].ToDoubles());
    }

    [Fact]
    public void A_weight_that_came_later_counts_its_own_steps()
    {
        var adam = new AdamW();
        using OptimizerGraph graph = OptimizerGraph.Of([(W, RelativeRate.One, 0), (B, RelativeRate.Of(1, [(0, [0.5, 0.5, 0.5, 0.5])]), 1)], adam, 0, 0, ElementType.Float64);
        var inputs = new Dictionary<string, RuntimeTensor>();
        foreach (Parameter p in new[] { W, B })
        {
            inputs[p.Name] = inputs[p.Name + "/exp_avg"] = inputs[p.Name + "/exp_avg_sq"] = Tensor(p, new double[p.Count]);
            inputs[p.Name + "/gradient"] = Tensor(p, [.. Enumerable.Repeat(2.0, (int)p.Count)]);
        }

        // Step 100 of W, step 1 of b: a first step moves by the rate, whatever the gradient is.
        foreach ((string name, double value) in adam.Numbers(1))
        {
            inputs[OptimizerGraph.NumberOf(name, 1)] = Tensor([], [value]);
        }

        IReadOnlyDictionary<string, RuntimeTensor> run = Run(graph, adam, 100, inputs);
        Assert.All(run["b/next"].ToDoubles(), v => Assert.Equal(-Rate * 0.5, v, 9));
        Assert.All(run["W/next"].ToDoubles(), v => Assert.Equal(-Rate * 0.1 / (1 - Math.Pow(0.9, 100)) / Math.Sqrt(0.001 / (1 - Math.Pow(0.999, 100))), v, 9));
    }

    private delegate void Rule(double[] weight, double[] gradient, double decay, long step, Func<string, double[]> state);

    /// <summary>Runs five steps with everything bound in place, and the rule beside it.</summary>
    private static void Check(IOptimizer optimizer, double clip, Rule rule)
    {
        Parameter[] parameters = [W, B];
        using OptimizerGraph graph = OptimizerGraph.Of([(W, RelativeRate.One, 0), (B, RelativeRate.One, 0)], optimizer, Decay, clip, ElementType.Float64);
        using var device = new TensorDevice(new OrtSessionOptions { Optimization = GraphOptimization.All });
        using var session = new BoundSession(graph.Model, device);
        var tensors = new Dictionary<string, DeviceTensor>();
        foreach (string input in session.Inputs)
        {
            Parameter? parameter = parameters.FirstOrDefault(p => input == p.Name || input.StartsWith(p.Name + "/", StringComparison.Ordinal));
            double[] begin = parameter is null ? [0] : input == parameter.Name ? Values.Normal(1, [.. parameter.Dims]).ToDoubles() : new double[parameter.Count];
            tensors[input] = device.Upload(RuntimeTensor.FromDoubles(ElementType.Float64, parameter?.Dims ?? [], begin));
            session.BindInput(input, tensors[input]);
        }

        using DeviceTensor norm = device.Allocate(ElementType.Float64, []);
        session.BindOutput(OptimizerGraph.Norm, norm);
        foreach ((string input, string output) in graph.Next)
        {
            session.BindOutput(output, tensors[input]);
        }

        var expected = tensors.Keys.ToDictionary(k => k, k => tensors[k].Read().ToDoubles());
        for (int step = 1; step <= 5; step++)
        {
            double[][] gradients = [.. parameters.Select((p, i) => Values.Normal((10 * step) + i, [.. p.Dims]).ToDoubles())];
            double all = Math.Sqrt(gradients.Sum(g => g.Sum(x => x * x)));
            double scale = clip > 0 ? Math.Min(1, clip / (all + 1e-6)) : 1;
            tensors[OptimizerGraph.Rate].Write(Tensor([], [Rate]));
            foreach ((string name, double value) in optimizer.Numbers(step))
            {
                tensors[OptimizerGraph.NumberOf(name, 0)].Write(Tensor([], [value]));
            }

            foreach ((Parameter p, double[] g) in parameters.Zip(gradients))
            {
                tensors[TrainingGraph.GradientOf(p.Name)].Write(Tensor(p, g));
                rule(expected[p.Name], [.. g.Select(x => x * scale)], p.Role == ParameterRole.Vector ? 0 : Decay, step, s => expected[p.Name + "/" + s]);
            }

            session.Run();
            Assert.Equal(all, norm.Read().ToDoubles()[0], 12);
            foreach (string name in graph.Next.Keys)
            {
                Assert.All(expected[name].Zip(tensors[name].Read().ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, 12));
            }
        }

        foreach (DeviceTensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }

    private static IReadOnlyDictionary<string, RuntimeTensor> Run(OptimizerGraph graph, IOptimizer optimizer, long step, Dictionary<string, RuntimeTensor> inputs)
    {
        inputs[OptimizerGraph.Rate] = Tensor([], [Rate]);
        foreach ((string name, double value) in optimizer.Numbers(step))
        {
            inputs.TryAdd(OptimizerGraph.NumberOf(name, 0), Tensor([], [value]));
        }

        using var session = new OrtSession(graph.Model, new OrtSessionOptions { Optimization = GraphOptimization.None });
        return session.Run(inputs);
    }

    private static RuntimeTensor Tensor(Parameter parameter, double[] values) => Tensor([.. parameter.Dims], values);

    private static RuntimeTensor Tensor(long[] dims, double[] values) => RuntimeTensor.FromDoubles(ElementType.Float64, dims, values);
}
