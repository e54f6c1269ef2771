using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Precision;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Differentiation;

/// <summary>
/// A model's loss and gradients as one graph of standard operators, weights being inputs: anyone can run the file. Also the same
/// without gradients, for evaluation.
/// </summary>
internal sealed class TrainingGraph : IDisposable
{
    /// <summary>What names of training graphs begin with that come neither from the model nor from the data: no model has such ones.</summary>
    public const string Own = "onnxgrow/";

    /// <summary>The output with the loss, a scalar.</summary>
    public const string Loss = Own + "loss";

    /// <summary>The output with the number of entries that the loss is the mean of.</summary>
    public const string Count = Own + "count";

    /// <summary>The output with the number of right predictions.</summary>
    public const string Correct = Own + "correct";

    /// <summary>The input that all gradients are multiplied with: one over the number of batches that are summed.</summary>
    public const string Scale = Own + "gradient_scale";

    private TrainingGraph(OnnxModel model, IReadOnlyList<string> data, IReadOnlySet<string> reached, IReadOnlyDictionary<string, string> valueOf)
    {
        ValueOf = valueOf;
        Model = model;
        DataInputs = data;
        Reached = reached;
    }

    /// <summary>The graph.</summary>
    public OnnxModel Model { get; }

    /// <summary>Inputs that a batch gives: the model's own and those of the loss.</summary>
    public IReadOnlyList<string> DataInputs { get; }

    /// <summary>The value that each gradient is of.</summary>
    public IReadOnlyDictionary<string, string> ValueOf { get; }

    /// <summary>Weights that the loss depends on; the others have no gradient.</summary>
    public IReadOnlySet<string> Reached { get; }

    /// <summary>The name of a weight's gradient; as an input, what it is added to.</summary>
    public static string GradientOf(string parameter) => parameter + "/gradient";

    /// <summary>The name of the input that a gradient is added to.</summary>
    public static string SumOf(string parameter) => parameter + "/gradient_sum";

    /// <summary>Writes loss and gradients.</summary>
    /// <param name="trainable">The prepared model.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="adds">Whether gradients are added to those of earlier batches, which are inputs then.</param>
    /// <param name="primitiveNorms">Whether norms are written as primitive operators, which is faster on the CPU.</param>
    /// <param name="narrow">The products that compute in a narrow type; null for none.</param>
    /// <exception cref="CannotTrainException">Something has no gradient; all of it is named.</exception>
    public static TrainingGraph Backward(TrainableModel trainable, ILoss loss, bool adds, bool primitiveNorms = false, NarrowProducts? narrow = null)
    {
        OnnxModel model = trainable.Forward.Clone();
        try
        {
            GraphProto graph = model.Proto.Graph;
            ElementType type = trainable.FloatType;
            var writer = new GraphWriter(graph) { FloatType = type };
            LossGraph written = Write(writer, trainable, loss, false, out List<string> data);
            var constants = new SmallConstants(trainable.Forward);
            HashSet<string> weights = [.. trainable.Parameters.Select(p => p.Name)];
            var differentiator = new Differentiator(writer, trainable.Values, name => weights.Contains(name) ? null : constants.ValuesOf(name));
            IReadOnlyDictionary<string, string> gradients = differentiator.Run(written.Seeds, [.. weights]);
            if (primitiveNorms)
            {
                PrimitiveNorms.Run(writer, trainable.Values);
            }

            graph.Output.Clear();
            Output(writer, Loss, written.Loss, type);
            foreach (Parameter parameter in trainable.Parameters)
            {
                if (!gradients.TryGetValue(parameter.Name, out string? gradient))
                {
                    continue;
                }

                if (adds)
                {
                    graph.Input.Add(Info(writer.Claim(SumOf(parameter.Name)), type, parameter.Dims));
                    gradient = writer.Add(SumOf(parameter.Name), gradient);
                }

                Output(writer, GradientOf(parameter.Name), gradient, type, parameter.Dims);
            }

            graph.Input.Add(Info(writer.Claim(Scale), type, []));
            OpenWeights(model, trainable, type);
            narrow?.Run(writer, weights);
            return new TrainingGraph(model, data, new HashSet<string>(gradients.Keys, StringComparer.Ordinal), differentiator.ValueOf);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes the loss alone.</summary>
    /// <param name="trainable">The prepared model.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="primitiveNorms">Whether norms are written as primitive operators, which is faster on the CPU.</param>
    /// <param name="narrow">The products that compute in a narrow type; null for none.</param>
    public static TrainingGraph Evaluation(TrainableModel trainable, ILoss loss, bool primitiveNorms = false, NarrowProducts? narrow = null)
    {
        OnnxModel model = trainable.Forward.Clone();
        try
        {
            GraphProto graph = model.Proto.Graph;
            ElementType type = trainable.FloatType;
            var writer = new GraphWriter(graph) { FloatType = type };
            LossGraph written = Write(writer, trainable, loss, true, out List<string> data);
            if (primitiveNorms)
            {
                PrimitiveNorms.Run(writer, trainable.Values);
            }

            graph.Output.Clear();
            Output(writer, Loss, written.Loss, type);
            Output(writer, Count, written.Count, type);
            Output(writer, Correct, written.Correct ?? writer.Scalar(0), type);
            graph.Input.Add(Info(writer.Claim(Scale), type, []));
            OpenWeights(model, trainable, type);
            Pruning.Run(model.Proto);
            narrow?.Run(writer, trainable.Parameters.Select(p => p.Name));
            return new TrainingGraph(model, data, new HashSet<string>(), new Dictionary<string, string>());
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static LossGraph Write(GraphWriter writer, TrainableModel trainable, ILoss loss, bool measures, out List<string> data)
    {
        GraphProto graph = writer.Graph;
        HashSet<string> held = [.. graph.Initializer.Select(t => t.Name)];
        data = [.. graph.Input.Select(i => i.Name).Where(n => !held.Contains(n))];
        var emitter = new LossEmitter(writer, trainable.Values, [.. graph.Output.Select(o => o.Name)], Scale, measures);
        LossGraph written = loss.Emit(emitter);
        foreach ((string name, ElementType type, long[] dims) in emitter.Added)
        {
            graph.Input.Add(Open(name, type, dims.Length));
            data.Add(name);
        }

        return written;
    }

    /// <summary>Weights become inputs.</summary>
    private static void OpenWeights(OnnxModel model, TrainableModel trainable, ElementType type)
    {
        GraphProto graph = model.Proto.Graph;
        HashSet<string> weights = [.. trainable.Parameters.Select(p => p.Name)];
        RemoveWhere(graph.Initializer, t => weights.Contains(t.Name));
        RemoveWhere(graph.Node, n => n.OpType == "Constant" && weights.Contains(n.Output[0]));
        RemoveWhere(graph.Input, i => weights.Contains(i.Name));
        graph.Input.AddRange(trainable.Parameters.Select(p => Info(p.Name, type, p.Dims)));
    }

    private static void RemoveWhere<T>(Google.Protobuf.Collections.RepeatedField<T> list, Func<T, bool> unwanted)
    {
        T[] kept = [.. list.Where(item => !unwanted(item))];
        if (kept.Length != list.Count)
        {
            list.Clear();
            list.AddRange(kept);
        }
    }

    private static void Output(GraphWriter writer, string name, string value, ElementType type, IReadOnlyList<long>? dims = null)
    {
        writer.To(name, "Identity", [], value);
        writer.Graph.Output.Add(Info(name, type, dims ?? []));
    }

    private static ValueInfoProto Open(string name, ElementType type, int rank) =>
        Info(name, type, [.. Enumerable.Repeat(-1L, rank)]);

    internal static ValueInfoProto Info(string name, ElementType type, IReadOnlyList<long> dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select((d, i) => d < 0 ? new TensorShapeProto.Types.Dimension { DimParam = $"{name}_{i}" } : new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
