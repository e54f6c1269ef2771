using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Preparation;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Export;

/// <summary>A model's weights with what other frameworks have to know of them.</summary>
public sealed class WeightMap
{
    private const string Schema = "onnxgrow.weights/1";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private WeightMap(IReadOnlyList<WeightEntry> weights, IReadOnlyList<FrozenTensor> others)
    {
        Weights = weights;
        Others = others;
    }

    /// <summary>The weights, in the order of the graph.</summary>
    public IReadOnlyList<WeightEntry> Weights { get; }

    /// <summary>Tensors of floats that are no weights: numbers, masks, tables that follow a rule.</summary>
    public IReadOnlyList<FrozenTensor> Others { get; }

    /// <summary>Reads a model.</summary>
    /// <exception cref="BadInputException">The graph is not sound.</exception>
    /// <exception cref="CannotTrainException">The model has no weights.</exception>
    public static WeightMap Of(OnnxModel model)
    {
        ModelMap map = ModelMap.Of(model);
        var own = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(model.Proto.Graph))
        {
            own.TryAdd(name, tensor);
        }

        using OnnxModel inlined = model.Clone();
        FunctionInliner.Run(inlined.Proto, inlined.Limits);
        (List<(Parameter Parameter, TensorProto Tensor)> parameters, List<FrozenTensor> frozen) = ParameterChoice.Of(inlined, new ParameterFilter(), own.Keys.ToHashSet());
        if (parameters.Count == 0)
        {
            throw new CannotTrainException(ErrorCode.Untrainable, "the model has no weights to hand on: " + string.Join("; ", frozen.Take(8).Select(f => $"'{Text.Name(f.Name)}' is {f.Reason}")));
        }

        var paths = new ParameterPaths(inlined.Proto.Graph);
        var found = parameters.ToDictionary(p => p.Parameter.Name, p => paths.Of(p.Parameter.Name), StringComparer.Ordinal);
        var layers = new LayerNumbers(map, found.ToDictionary(f => f.Key, f => f.Value.Path, StringComparer.Ordinal));
        ILookup<(string, int), string> axes = map.Dimensions.SelectMany(d => d.Weights.Select(w => (Key: (w.Tensor, w.Axis), d.Name))).ToLookup(d => d.Key, d => d.Name);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        WeightEntry[] weights = [.. parameters.Select(p =>
        {
            string name = p.Parameter.Name;
            (string path, NodeProto? node, _) = found[name];
            path = layers.Renumbered(name, path);
            return new WeightEntry(
                name,
                Text.Unique(path, taken),
                path,
                [.. p.Parameter.Dims],
                (ElementType)p.Tensor.DataType,
                p.Parameter.Role,
                paths.IsTransposed(name, p.Parameter.Dims.Count),
                layers.LayerOf(name),
                [.. p.Parameter.Dims.Select((_, a) => axes[(name, a)].Distinct().ToImmutableArray())],
                node?.Name ?? "") { Tensor = own[name] };
        })];
        return new WeightMap(weights, frozen);
    }

    /// <summary>The map as JSON, for the file beside the weights.</summary>
    /// <param name="model">The model's file name.</param>
    /// <param name="file">The weights' file name.</param>
    public string ToJson(string model, string file)
    {
        var weights = new JsonObject();
        foreach (WeightEntry entry in Weights)
        {
            weights[entry.Initializer] = new JsonObject
            {
                ["name"] = entry.Name,
                ["path"] = entry.Path,
                ["dims"] = new JsonArray([.. entry.Dims.Select(d => (JsonNode)d)]),
                ["dtype"] = NameOf(entry.ElementType),
                ["role"] = entry.Role.ToString().ToLowerInvariant(),
                ["transposed"] = entry.Transposed,
                ["layer"] = entry.Layer,
                ["axes"] = new JsonArray([.. entry.Axes.Select(a => new JsonArray([.. a.Select(n => (JsonNode)n)]))]),
                ["reader"] = entry.Reader,
            };
        }

        var others = new JsonObject();
        foreach (FrozenTensor other in Others)
        {
            others[other.Name] = other.Reason;
        }

        var json = new JsonObject { ["schema"] = Schema, ["model"] = model, ["file"] = file, ["weights"] = weights, ["others"] = others };
        return json.ToJsonString(Json) + "\n";
    }

    /// <summary>The type's name as NumPy and PyTorch have it.</summary>
    internal static string NameOf(ElementType type) => type.ToString().ToLowerInvariant();
}
