using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Ligo;

/// <summary>
/// A grown model whose weights are computed in the graph, from the source's weights and from growth operators: an ONNX model like
/// any other, of which the operators are trained and nothing else.
/// </summary>
internal sealed class LearningModel : IDisposable
{
    private LearningModel(OnnxModel model, IReadOnlyList<string> learned, IReadOnlyList<string> weights, long elements)
    {
        Model = model;
        Learned = learned;
        Weights = weights;
        Elements = elements;
    }

    /// <summary>The model.</summary>
    public OnnxModel Model { get; }

    /// <summary>Names of its initializers that are learned: operators, and numbers that mix layers.</summary>
    public IReadOnlyList<string> Learned { get; }

    /// <summary>Names of the grown weights that it computes.</summary>
    public IReadOnlyList<string> Weights { get; }

    /// <summary>Elements of all that is learned.</summary>
    public long Elements { get; }

    /// <summary>Writes the model.</summary>
    /// <param name="grown">The growth whose graph and expansions it has.</param>
    /// <param name="trainable">The grown model, prepared.</param>
    /// <param name="options">How the operators are tied, and where they begin.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="CannotTrainException">No weight grows by an operator.</exception>
    public static LearningModel Of(GrownModel grown, TrainableModel trainable, LigoOptions options, CancellationToken cancellation)
    {
        OnnxModel model = trainable.Forward.Clone();
        try
        {
            GraphProto graph = model.Proto.Graph;
            var writer = new GraphWriter(graph) { FloatType = ElementType.Float32 };
            var operators = new OperatorTable(options);
            var lowering = new WeightLowering(model, writer, operators, options);
            ModelMap map = ModelMap.Of(grown.Model, cancellation);
            var pieces = new AxisPieces(map, new LayerWeights(map), options.Tying);
            var sources = new LayerWeights(grown.Source);
            Dictionary<string, GrownWeight> recipes = grown.Weights.ToDictionary(w => w.Name, StringComparer.Ordinal);
            var results = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (Parameter parameter in trainable.Parameters)
            {
                GrownWeight? weight = recipes.GetValueOrDefault(parameter.Name);
                if (SourceOf(grown, weight?.SourceName ?? parameter.Name) is not { Tensor: { } tensor } source
                    || map.Graph.Find(parameter.Name) is not { } target || (weight is not null && weight.Recipe is null))
                {
                    continue;
                }

                OperatorAxis[] axes = weight?.Recipe is { } recipe ? pieces.Of(target, source, recipe) : [];
                string[] module = sources.ModuleOf(source.Name);
                if (axes.All(a => a.Pieces.Count == 0) && module.Length == 1)
                {
                    continue;
                }

                (string, TensorData)[] layers = [.. module.Select(m => (m, SourceOf(grown, m)!)).Select(m => (m.m, grown.Source.Graph.Model.DataOf(m.Item2.Tensor!)))];
                double coefficient = weight?.Recipe is { } r ? RecipeLayout.CoefficientOf(r) : 1;

                // What adds nothing at first (the last matrix of a new block) has to be able to: its operators count, and what is
                // added beside them takes them off.
                results.Add(parameter.Name, lowering.Write(
                    parameter.Name, layers, Array.IndexOf(module, source.Name), [.. tensor.Dims], axes, coefficient == 0 ? 1 : coefficient));
            }

            if (lowering.Learned.Count == 0 || (!operators.All.Any() && grown.Plan.Layers.IsEmpty))
            {
                throw new CannotTrainException(ErrorCode.Untrainable, "nothing that grows has an operator to learn; grow a width or add layers");
            }

            Replace(model, writer, trainable, results, options, cancellation);
            NodeOrder.Sort(graph);
            long elements = graph.Initializer.Where(t => lowering.Learned.Contains(t.Name)).Sum(Tensors.CountOf);
            return new LearningModel(model, lowering.Learned, [.. results.Keys], elements);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static Value? SourceOf(GrownModel grown, string name) =>
        grown.Source.Graph.Find(name) is { Tensor: not null } found ? found : null;

    /// <summary>Puts the computed values in the places of the weights; from a lossless start with what they lack of it.</summary>
    private static void Replace(
        OnnxModel model, GraphWriter writer, TrainableModel trainable, Dictionary<string, string> results, LigoOptions options, CancellationToken cancellation)
    {
        GraphProto graph = model.Proto.Graph;
        Remove(graph, results.Keys);
        IReadOnlyDictionary<string, RuntimeTensor> values = options.Start == LigoStart.Lossless
            ? ConstantPart.Of(model, [.. results.Values.Distinct()], cancellation)
            : new Dictionary<string, RuntimeTensor>();
        Dictionary<string, Parameter> parameters = trainable.Parameters.ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach ((string name, string value) in results)
        {
            if (values.TryGetValue(value, out RuntimeTensor? begin) && Rest(trainable.ValueOf(parameters[name]), begin) is { } rest)
            {
                var tensor = new TensorProto { Name = writer.Fresh("ligo/rest/" + name), DataType = (int)ElementType.Float32 };
                tensor.Dims.AddRange(parameters[name].Dims);
                graph.Initializer.Add(tensor);
                model.SetData(tensor, MemoryTensorData.From(rest));
                writer.Over(name, "Add", value, tensor.Name);
            }
            else
            {
                writer.Over(name, "Identity", value);
            }
        }
    }

    private static void Remove(GraphProto graph, IReadOnlyCollection<string> names)
    {
        HashSet<string> gone = [.. names];
        foreach (TensorProto tensor in graph.Initializer.Where(t => gone.Contains(t.Name)).ToArray())
        {
            graph.Initializer.Remove(tensor);
        }

        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "Constant" && gone.Contains(n.Output[0])).ToArray())
        {
            graph.Node.Remove(node);
        }

        foreach (ValueInfoProto input in graph.Input.Where(i => gone.Contains(i.Name)).ToArray())
        {
            graph.Input.Remove(input);
        }
    }

    /// <summary>What a weight has beyond what its operators give; null for nothing.</summary>
    private static float[]? Rest(RuntimeTensor weight, RuntimeTensor begin)
    {
        double[] whole = weight.ToDoubles();
        double[] part = begin.ToDoubles();
        float[] rest = [.. whole.Zip(part, (w, b) => (float)(w - b))];
        return rest.AsSpan().ContainsAnyExcept(0f) ? rest : null;
    }
}
