using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth;

/// <summary>Throws the source's parameters away: matrices and tables normal with deviation 0.02, gains 1, biases 0.</summary>
internal static class FreshWeights
{
    private const double Deviation = 0.02;

    public static List<GrownWeight> Initialise(ModelMap map, OnnxModel model, GraphEditor editor, ulong seed)
    {
        HashSet<string> gains = Names(map, n => n.Gain);
        HashSet<string> parameters = Parameters(map);
        var fresh = new List<GrownWeight>();
        foreach ((string name, TensorProto tensor) in Tensors(model.Proto.Graph))
        {
            var type = (ElementType)tensor.DataType;
            long count = OnnxGrow.Onnx.Tensors.CountOf(tensor);
            if (!ElementTypes.IsGrowable(type) || count <= 1)
            {
                continue;
            }

            string source = editor.Weights.TryGetValue(name, out GrownWeight? w) ? w.SourceName : name;
            if (map.Graph.Find(source) is not { } value || !parameters.Contains(value.Name))
            {
                continue;
            }

            bool vector = tensor.Dims.Count(d => d != 1) <= 1;
            FreshKind kind = gains.Contains(source) ? FreshKind.Ones : vector && !IsTable(value) ? FreshKind.Zeros : FreshKind.Normal;
            model.SetData(tensor, new RandomTensorData(name, type, count, kind, Deviation, seed));
            fresh.Add(new GrownWeight(name, source, tensor, null));
        }

        return fresh;
    }

    /// <summary>Masks and other constants that are no parameters have no axis that the model's width runs along.</summary>
    private static HashSet<string> Parameters(ModelMap map) =>
        map.Dimensions.Where(d => d.Role != DimensionRole.Other).SelectMany(d => d.Weights).Select(w => w.Tensor).ToHashSet(StringComparer.Ordinal);

    /// <summary>A vector that is added as it is to a stream, such as a class token: joined or expanded, not a bias.</summary>
    private static bool IsTable(Value value) => value.Consumers.Any(u => u.Node.Operator is "Concat" or "Expand" or "Gather" or "Tile");

    private static HashSet<string> Names(ModelMap map, Func<Analysis.Norms.NormInstance, Value?> pick)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Analysis.Norms.NormInstance norm in map.Norms)
        {
            for (Value? value = pick(norm); value is not null; value = value.Producer?.Input(0))
            {
                if (value.Tensor is not null)
                {
                    names.Add(value.Name);
                    break;
                }
            }
        }

        return names;
    }

    private static IEnumerable<(string Name, TensorProto Tensor)> Tensors(GraphProto graph)
    {
        foreach (TensorProto tensor in graph.Initializer)
        {
            yield return (tensor.Name, tensor);
        }

        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType == "Constant" && node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } tensor)
            {
                yield return (node.Output[0], tensor);
            }
        }
    }
}
