using OnnxGrow.Analysis.Layers;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>Where a norm stands relative to the residual stream.</summary>
public enum NormPlacement
{
    /// <summary>Reads the stream and feeds a block (Pre-LN), or is the final norm.</summary>
    Pre,

    /// <summary>Reads the sum and writes the stream (Post-LN).</summary>
    Post,

    /// <summary>Reads a block's output and writes into the stream (Res-Post-Norm).</summary>
    ResPost,

    /// <summary>Is not on the residual stream.</summary>
    Inner,
}

/// <summary>What a model is made of: its dimensions, layers, norms and residual stream, all read off its graph.</summary>
public sealed class ModelMap
{
    private readonly Dictionary<string, Dimension> _byName = [];
    private readonly Dictionary<Axes.SizeClass, Dimension> _bySize = [];

    private ModelMap(Graph graph, Flow flow, CarrierTable carriers)
    {
        Graph = graph;
        Flow = flow;
        Carriers = carriers;
    }

    /// <summary>The model as it was given.</summary>
    public required OnnxModel Model { get; init; }

    /// <summary>The graph, in the form in which it is grown: without calls of the model's own functions.</summary>
    public Graph Graph { get; }

    /// <summary>Every dimension whose extent is known and that some weight has.</summary>
    public IReadOnlyList<Dimension> Dimensions
    {
        get;
        private init
        {
            field = value;
            _byName = value.ToDictionary(d => d.Name, StringComparer.Ordinal);
            _bySize = value.ToDictionary(d => d.Size.Find());
        }
    }

    = [];

    /// <summary>The repeated layers, in order; empty where none were found.</summary>
    public IReadOnlyList<Layer> Layers { get; private init; } = [];

    /// <summary>The norms, in graph order.</summary>
    public IReadOnlyList<NormInstance> Norms => Flow.Norms;

    /// <summary>Where each norm stands, in the order of <see cref="Norms"/>.</summary>
    public IReadOnlyList<NormPlacement> Placements { get; private init; } = [];

    /// <summary>States that the model takes and hands on, such as a cache of keys and values.</summary>
    public IReadOnlyList<ModelState> States => Carriers.States;

    /// <summary>The residual width, where there is one.</summary>
    public Dimension? Hidden => Dimensions.FirstOrDefault(d => d.Role == DimensionRole.Hidden);

    internal Flow Flow { get; }

    internal CarrierTable Carriers { get; }

    /// <summary>Analyses a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="BadInputException">The graph is not sound.</exception>
    public static ModelMap Of(OnnxModel model, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var graph = new Graph(Preparation.Prepared.Of(model));
        var flow = Flow.Through(graph, cancellation);
        var carriers = new CarrierTable(flow);
        cancellation.ThrowIfCancellationRequested();
        Roles roles = Roles.Find(flow, carriers);
        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<Layer> layers = LayerFinder.Find(graph, flow.Norms, roles.IsHidden, carriers.States);
        cancellation.ThrowIfCancellationRequested();
        HashSet<Value> outputs = [.. layers.Select(l => l.Output)];
        return new ModelMap(graph, flow, carriers)
        {
            Model = model,
            Layers = layers,
            Dimensions = DimensionTable.Of(flow, carriers, roles, layers),
            Placements = [.. flow.Norms.Select(n => PlacementOf(n, carriers, outputs))],
        };
    }

    /// <summary>The dimension of this name, or null.</summary>
    public Dimension? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The dimension that a size is, or null.</summary>
    internal Dimension? Find(Axes.SizeClass size) => _bySize.GetValueOrDefault(size.Find());

    /// <summary>The dimensions of a role, in the order of the layers.</summary>
    public IEnumerable<Dimension> Of(DimensionRole role) => Dimensions.Where(d => d.Role == role);

    /// <summary>Weights of the model: float tensors of the graph, Constant nodes included.</summary>
    public IEnumerable<Value> Weights() =>
        Graph.Values.Where(v => v.Tensor is { } t && ElementTypes.IsGrowable((ElementType)t.DataType));

    /// <summary>The number of parameters: elements of all weights that are not single numbers.</summary>
    public long ParameterCount() => Weights()
        .GroupBy(w => w.InitializerName, StringComparer.Ordinal).Select(g => Tensors.CountOf(g.First().Tensor!)).Where(c => c > 1).Sum();

    private static NormPlacement PlacementOf(NormInstance norm, CarrierTable carriers, HashSet<Value> layerOutputs)
    {
        bool reads = IsStream(norm.AxisOf(norm.Input), carriers);
        bool writes = IsStream(norm.AxisOf(norm.Output), carriers) || layerOutputs.Contains(norm.Output);
        return (reads, writes) switch
        {
            (true, true) => NormPlacement.Post,
            (true, false) => NormPlacement.Pre,
            (false, true) => NormPlacement.ResPost,
            _ => NormPlacement.Inner,
        };
    }

    private static bool IsStream(Axes.Axis? axis, CarrierTable carriers) =>
        axis?.Atoms().ToArray() is [var atom] && carriers.Of(atom).ResidualSums > 0;
}
