using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth;

/// <summary>A grown model: the graph, and weights that are computed from the source when they are read.</summary>
public sealed class GrownModel : IDisposable
{
    internal GrownModel(ModelMap source, GrowthPlan plan, GrowthMethod method, OnnxModel model)
    {
        Source = source;
        Plan = plan;
        Method = method;
        Model = model;
    }

    /// <summary>The map of the source.</summary>
    public ModelMap Source { get; }

    /// <summary>The plan.</summary>
    public GrowthPlan Plan { get; }

    /// <summary>The method.</summary>
    public GrowthMethod Method { get; }

    /// <summary>The model; the source must stay open as long as it is used.</summary>
    public OnnxModel Model { get; }

    /// <summary>The tensors that are not the source's own.</summary>
    public IReadOnlyList<GrownWeight> Weights { get; internal set; } = [];

    /// <summary>Values of float attributes before they were rounded to float32 (a norm's epsilon), by the attribute in <see cref="Model"/>.</summary>
    public IReadOnlyDictionary<AttributeProto, double> ExactAttributes { get; internal set; } =
        new Dictionary<AttributeProto, double>();

    /// <summary>The model that free entries are read from, open as long as this one is used.</summary>
    internal IDisposable? Initialisation { get; set; }

    /// <summary>Inputs and outputs that are not quite the source's own; empty where the interface is the same.</summary>
    public IReadOnlyList<InterfaceChange> Interface { get; internal set; } = [];

    /// <summary>The worst exactness of any weight; <see cref="Exactness.Lossy"/> for a lossy method.</summary>
    public Exactness Exactness =>
        ExactnessOf(Method, ExactAttributes, Weights);

    internal static Exactness ExactnessOf(GrowthMethod method, IReadOnlyDictionary<AttributeProto, double> attributes, IReadOnlyCollection<GrownWeight> weights) =>
        !method.IsLossless ? Exactness.Lossy
        : attributes.Any(a => (double)a.Key.F != a.Value) ? Exactness.Rounded
        : weights.Count == 0 ? Exactness.BitExact
        : weights.Max(w => w.Recipe is null ? Exactness.Lossy : RecipeExactness.Of(w.Recipe));

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Initialisation?.Dispose();
    }
}
