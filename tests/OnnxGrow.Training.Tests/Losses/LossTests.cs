using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Tests.Gradients;
using Xunit;

namespace OnnxGrow.Training.Tests.Losses;

/// <summary>Losses by their definition, and their gradients against differences, through a linear layer in front.</summary>
public sealed class LossTests
{
    private const long Rows = 5;
    private const long Classes = 4;
    private static readonly long[] Labels = [2, -100, 0, 3, 3];

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void Cross_entropy_is_its_definition(double smoothing)
    {
        using var model = new Linear(new CrossEntropy(null, -100, smoothing));
        double expected = 0;
        foreach ((double[] logits, long label) in model.Logits().Zip(Labels).Where(p => p.Second >= 0))
        {
            double log = Math.Log(logits.Sum(Math.Exp));
            expected += ((1 - smoothing) * (log - logits[label])) + (smoothing * logits.Average(z => log - z));
        }

        Assert.Equal(expected / 4, model.Loss(), 12);
        model.CheckGradient();
        Assert.Equal(4, model.Evaluate(TrainingGraph.Count));
        Assert.Equal(model.Logits().Zip(Labels).Count(p => p.Second >= 0 && Array.IndexOf(p.First, p.First.Max()) == p.Second), model.Evaluate(TrainingGraph.Correct));
    }

    [Fact]
    public void Labels_that_all_do_not_count_give_zero()
    {
        using var model = new Linear(new CrossEntropy(null), [-100, -100, -100, -100, -100]);
        Assert.Equal(0, model.Loss());
        model.CheckGradient();
    }

    [Fact]
    public void Squared_error_is_its_definition()
    {
        using var model = new Linear(new MeanSquaredError(null));
        double[] target = model.Inputs[MeanSquaredError.Target].ToDoubles();
        Assert.Equal(model.Logits().SelectMany(z => z).Zip(target, (z, t) => (z - t) * (z - t)).Average(), model.Loss(), 12);
        model.CheckGradient();
    }

    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(2.0, 0.3)]
    public void Distillation_is_its_definition(double temperature, double weight)
    {
        using var model = new Linear(new Distillation(new CrossEntropy(null), temperature, weight));
        double[][] teacher = [.. model.Inputs[Distillation.Teacher].ToDoubles().Chunk((int)Classes)];
        double hard = 0, soft = 0;
        for (int i = 0; i < Rows; i++)
        {
            if (Labels[i] >= 0)
            {
                double[] student = model.Logits()[i];
                hard += Math.Log(student.Sum(Math.Exp)) - student[Labels[i]];
                double[] p = Softmax(teacher[i], temperature);
                double[] q = Softmax(student, temperature);
                soft += temperature * temperature * p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();
            }
        }

        Assert.Equal(((1 - weight) * hard / 4) + (weight * soft / 4), model.Loss(), 12);
        model.CheckGradient();
    }

    [Fact]
    public void An_output_that_is_not_there_is_named_with_those_that_are()
    {
        string message = Assert.Throws<CannotTrainException>(() => new Linear(new CrossEntropy("scores"))).Message;
        Assert.Contains("'scores'", message, StringComparison.Ordinal);
        Assert.Contains("logits", message, StringComparison.Ordinal);
    }

    private static double[] Softmax(double[] z, double temperature)
    {
        double[] e = [.. z.Select(v => Math.Exp(v / temperature))];
        return [.. e.Select(v => v / e.Sum())];
    }

    /// <summary>logits = x W + b with a loss behind, in float64.</summary>
    private sealed class Linear : IDisposable
    {
        private readonly OnnxModel _model;
        private readonly TrainableModel _trainable;
        private readonly ILoss _loss;
        private readonly OrtSession _session;

        public Linear(ILoss loss, long[]? labels = null)
        {
            _loss = loss;
            _model = new TestGraph().Input("x", ElementType.Float32, "n", 3L).Output("logits", ElementType.Float32, "n", Classes)
                .Weight("W", 1, 3, Classes).Weight("b", 2, Classes).Node("MatMul", "x,W", "h").Node("Add", "h,b", "logits").Build();
            var x = new Dictionary<string, RuntimeTensor> { ["x"] = Values.Normal(5, Rows, 3) };
            _trainable = TrainableModel.Of(_model, x, new ParameterFilter(), ElementType.Float64);
            using TrainingGraph graph = TrainingGraph.Backward(_trainable, loss, adds: false);
            using OnnxModel lifted = Float64Lift.Lift(graph.Model);
            _session = new OrtSession(lifted, new OrtSessionOptions { Optimization = GraphOptimization.None });
            Inputs = new Dictionary<string, RuntimeTensor>
            {
                ["x"] = x["x"].ConvertTo(ElementType.Float64),
                [CrossEntropy.Labels] = Values.Ints([Rows], labels ?? Labels),
                [Distillation.Teacher] = Values.Normal(9, Rows, Classes).ConvertTo(ElementType.Float64),
                [MeanSquaredError.Target] = Values.Normal(8, Rows, Classes).ConvertTo(ElementType.Float64),
                [TrainingGraph.Scale] = RuntimeTensor.FromDoubles(ElementType.Float64, [], [1]),
            };
            foreach (Parameter parameter in _trainable.Parameters)
            {
                Inputs[parameter.Name] = _trainable.ValueOf(parameter);
            }

            HashSet<string> wanted = [.. graph.DataInputs, TrainingGraph.Scale, "W", "b"];
            foreach (string name in Inputs.Keys.Where(k => !wanted.Contains(k)).ToArray())
            {
                Inputs.Remove(name);
            }
        }

        public Dictionary<string, RuntimeTensor> Inputs { get; }

        public double[][] Logits()
        {
            double[] x = Inputs["x"].ToDoubles(), w = Inputs["W"].ToDoubles(), b = Inputs["b"].ToDoubles();
            return [.. Enumerable.Range(0, (int)Rows).Select(r => Enumerable.Range(0, (int)Classes).Select(c =>
                b[c] + Enumerable.Range(0, 3).Sum(k => x[(r * 3) + k] * w[(k * (int)Classes) + c])).ToArray())];
        }

        public double Loss() => _session.Run(Inputs)[TrainingGraph.Loss].ToDoubles()[0];

        public double Evaluate(string output)
        {
            using TrainingGraph graph = TrainingGraph.Evaluation(_trainable, _loss);
            using var session = new OrtSession(graph.Model, new OrtSessionOptions { Optimization = GraphOptimization.None });
            return session.Run(Inputs)[output].ToDoubles()[0];
        }

        public void CheckGradient()
        {
            IReadOnlyDictionary<string, RuntimeTensor> found = _session.Run(Inputs);
            foreach (string name in new[] { "W", "b" })
            {
                RuntimeTensor at = Inputs[name];
                double[] values = at.ToDoubles();
                double[] gradient = found[TrainingGraph.GradientOf(name)].ToDoubles();
                for (int i = 0; i < values.Length; i++)
                {
                    double[] differences = [.. new[] { 1e-5, -1e-5 }.Select(by =>
                    {
                        double[] moved = [.. values];
                        moved[i] += by;
                        Inputs[name] = RuntimeTensor.FromDoubles(ElementType.Float64, at.Dims, moved);
                        return Loss();
                    })];
                    Inputs[name] = at;
                    Assert.Equal((differences[0] - differences[1]) / 2e-5, gradient[i], 8);
                }
            }
        }

        public void Dispose()
        {
            _session.Dispose();
            _trainable.Dispose();
            _model.Dispose();
        }
    }
}
