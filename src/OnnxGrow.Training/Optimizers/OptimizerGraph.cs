using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>One optimizer step as a graph of standard operators: weights, gradients and state in, weights and state out.</summary>
internal sealed class OptimizerGraph : IDisposable
{
    /// <summary>The input with the learning rate, a scalar.</summary>
    public const string Rate = TrainingGraph.Own + "learning_rate";

    /// <summary>The output with the norm of all gradients together, before they are clipped.</summary>
    public const string Norm = TrainingGraph.Own + "gradient_norm";

    /// <summary>The input with what undoes the loss scale: one over it. It is there where steps may be skipped.</summary>
    public const string Unscale = TrainingGraph.Own + "gradient_unscale";

    private OptimizerGraph(OnnxModel model, IReadOnlyDictionary<string, string> next, IReadOnlyList<(Parameter, string)> state)
    {
        Model = model;
        Next = next;
        State = state;
    }

    /// <summary>The graph.</summary>
    public OnnxModel Model { get; }

    /// <summary>The output that replaces each input.</summary>
    public IReadOnlyDictionary<string, string> Next { get; }

    /// <summary>The tensors that the rule keeps, by weight and name.</summary>
    public IReadOnlyList<(Parameter Parameter, string Name)> State { get; }

    /// <summary>The input with a number of the rule for weights of an age.</summary>
    public static string NumberOf(string name, int age) => TrainingGraph.Own + (age == 0 ? name : FormattableString.Invariant($"{name}_{age}"));

    /// <summary>Writes the step.</summary>
    /// <param name="parameters">The weights, with the rates that they take relative to the whole, and their age groups.</param>
    /// <param name="optimizer">The rule.</param>
    /// <param name="weightDecay">Weight decay of matrices and tables.</param>
    /// <param name="maxNorm">What the norm of all gradients is clipped to; 0 for no clipping.</param>
    /// <param name="type">Type of the weights.</param>
    /// <param name="skips">Whether gradients are scaled, and a step whose gradients are no finite numbers changes nothing.</param>
    public static OptimizerGraph Of(
        IReadOnlyList<(Parameter Parameter, RelativeRate Rate, int Age)> parameters, IOptimizer optimizer, double weightDecay, double maxNorm, ElementType type, bool skips = false)
    {
        var graph = new GraphProto { Name = "optimizer_step" };
        var state = new List<(Parameter, string)>();
        foreach ((Parameter parameter, _, _) in parameters)
        {
            graph.Input.Add(TrainingGraph.Info(parameter.Name, type, parameter.Dims));
            graph.Input.Add(TrainingGraph.Info(TrainingGraph.GradientOf(parameter.Name), type, parameter.Dims));
            foreach (string name in optimizer.StateOf(parameter))
            {
                graph.Input.Add(TrainingGraph.Info(UpdateEmitter.NameOf(parameter, name), type, parameter.Dims));
                state.Add((parameter, name));
            }
        }

        graph.Input.Add(TrainingGraph.Info(Rate, type, []));
        foreach (int age in parameters.Select(p => p.Age).Distinct().Order())
        {
            graph.Input.AddRange(optimizer.Numbers(1).Select(n => TrainingGraph.Info(NumberOf(n.Name, age), type, [])));
        }

        var writer = new GraphWriter(graph) { FloatType = type };
        string norm = writer.Op("Sqrt", Total(writer, [.. parameters.Select(p => writer.Op(
            "ReduceSumSquare", [("keepdims", 0L)], TrainingGraph.GradientOf(p.Parameter.Name)))]));
        string? finite = null;
        if (skips)
        {
            graph.Input.Add(TrainingGraph.Info(Unscale, type, []));
            finite = writer.Op("LessOrEqual", norm, writer.Scalar(float.MaxValue));
            norm = writer.Mul(norm, Unscale);
        }

        string scale = maxNorm <= 0 ? writer.Scalar(1)
            : writer.Op("Min", writer.Scalar(1), writer.Div(writer.Scalar(maxNorm), writer.Add(norm, 1e-6)));
        scale = skips ? writer.Mul(scale, Unscale) : scale;
        writer.To(Norm, "Identity", [], norm);
        graph.Output.Add(TrainingGraph.Info(Norm, type, []));
        var next = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((Parameter parameter, RelativeRate rate, int age) in parameters)
        {
            double decay = parameter.Role == ParameterRole.Vector ? 0 : weightDecay;
            var emitter = new UpdateEmitter(writer, parameter, Rate, rate.Write(writer, Rate), decay, scale, name => NumberOf(name, age));
            optimizer.Emit(emitter);
            foreach ((string input, string output) in emitter.Written)
            {
                string name = input + "/next";
                if (finite is null)
                {
                    writer.To(name, "Identity", [], output);
                }
                else
                {
                    writer.To(name, "Where", [], finite, output, input);
                }

                graph.Output.Add(TrainingGraph.Info(name, type, parameter.Dims));
                next.Add(input, name);
            }
        }

        var model = new ModelProto { IrVersion = 8, ProducerName = "OnnxGrow", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = GraphWriter.Opset });
        return new OptimizerGraph(OnnxModel.FromProto(model), next, state);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static string Total(GraphWriter writer, string[] terms) => terms.Length == 1 ? terms[0] : writer.Op("Sum", terms);
}
