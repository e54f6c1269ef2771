using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Precision;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Tests.Precision;

/// <summary>A sample model's training graph, in float32 and with narrow products.</summary>
internal sealed class NarrowCase : IDisposable
{
    private readonly OnnxModel _source;
    private readonly TrainableModel _model;
    private readonly ILoss _loss;

    public NarrowCase(string file)
    {
        _source = OnnxModel.Open(Repository.Model(file));
        Inputs = ExampleInputs.Of(_source);
        _model = TrainableModel.Of(_source, Inputs, new ParameterFilter());
        string output = _model.Forward.Proto.Graph.Output.Select(o => o.Name).First(o => ElementTypes.IsGrowable(_model.Values.TypeOf(o)));
        _loss = new MeanSquaredError(output);
        Target = [.. _model.Values.DimsOf(output)];
    }

    public IReadOnlyDictionary<string, RuntimeTensor> Inputs { get; }

    public IReadOnlyList<Parameter> Parameters => _model.Parameters;

    private long[] Target { get; }

    public TrainingGraph Graph(ElementType type) => TrainingGraph.Backward(
        _model, _loss, adds: false, primitiveNorms: true, type == ElementType.Float32 ? null : new NarrowProducts(type, NarrowProducts.Products.ToHashSet()));

    /// <summary>Loss and gradients.</summary>
    public IReadOnlyDictionary<string, double[]> Run(OnnxModel graph, double scale)
    {
        long count = Target.Aggregate(1L, (n, d) => n * d);
        var inputs = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal)
        {
            [TrainingGraph.Scale] = RuntimeTensor.FromDoubles(ElementType.Float32, [], [scale]),
            [MeanSquaredError.Target] = RuntimeTensor.FromDoubles(ElementType.Float32, Target, [.. Enumerable.Range(0, (int)count).Select(i => Math.Sin(i))]),
        };
        HashSet<string> asked = [.. graph.Proto.Graph.Input.Select(i => i.Name)];
        foreach ((string name, RuntimeTensor value) in Inputs.Where(i => asked.Contains(i.Key)))
        {
            inputs[name] = value;
        }

        foreach (Parameter parameter in _model.Parameters)
        {
            inputs[parameter.Name] = _model.ValueOf(parameter);
        }

        using var session = new OrtSession(graph, new OrtSessionOptions { Optimization = GraphOptimization.All, Threads = 1 });
        return session.Run(inputs).ToDictionary(o => o.Key, o => o.Value.ToDoubles(), StringComparer.Ordinal);
    }

    /// <summary>
    /// The same graph with each narrow product computed in float32 between casts, as a machine does that has no such product: what is
    /// rounded, and where, stays.
    /// </summary>
    public static OnnxModel Emulated(OnnxModel graph, ElementType type)
    {
        OnnxModel emulated = graph.Clone();
        GraphProto proto = emulated.Proto.Graph;
        NodeProto[] nodes = [.. proto.Node];
        HashSet<string> narrow = Narrow(proto, type);
        proto.Node.Clear();
        int count = 0;
        string Cast(string from, string? to, ElementType into)
        {
            string name = to ?? $"emulated/{count++}";
            var node = new NodeProto { OpType = "Cast", Input = { from }, Output = { name } };
            node.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)into });
            proto.Node.Add(node);
            return name;
        }

        foreach (NodeProto node in nodes)
        {
            if (!NarrowProducts.Products.Contains(node.OpType) || !narrow.Contains(node.Output[0]))
            {
                proto.Node.Add(node);
                continue;
            }

            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = Cast(node.Input[i], null, ElementType.Float32);
            }

            string output = node.Output[0];
            node.Output[0] = $"emulated/{count++}";
            proto.Node.Add(node);
            Cast(node.Output[0], output, type);
        }

        return emulated;
    }

    /// <summary>The values of a graph that are of the narrow type, as the operators' own rules have it.</summary>
    public static HashSet<string> Narrow(GraphProto graph, ElementType type)
    {
        var narrow = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            bool isNarrow = node.OpType == "Cast" ? node.Attribute[0].I == (long)type
                : node.OpType is not ("Shape" or "Size") && node.Input.Any(narrow.Contains);
            if (isNarrow)
            {
                narrow.UnionWith(node.Output);
            }
        }

        return narrow;
    }

    public void Dispose()
    {
        _model.Dispose();
        _source.Dispose();
    }
}
