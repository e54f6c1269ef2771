using System.Globalization;
using Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// Names for the tensors of a model by which they are found again in its grown form: of an initializer its own, of a
/// tensor in a node the node's first output. Nodes have names too, but need not.
/// </summary>
internal static class TensorKeys
{
    /// <summary>The keys by tensor; tensors of functions and of training have none.</summary>
    public static Dictionary<TensorProto, string> Of(ModelProto model)
    {
        // By reference: equal tensors are not the same one.
        var keys = new Dictionary<TensorProto, string>(ReferenceEqualityComparer.Instance);
        Add(model.Graph, "", keys);
        return keys;
    }

    /// <summary>The tensors by key.</summary>
    public static Dictionary<string, TensorProto> ByKey(ModelProto model)
    {
        var tensors = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach ((TensorProto tensor, string key) in Of(model))
        {
            tensors.TryAdd(key, tensor);
        }

        return tensors;
    }

    private static void Add(GraphProto graph, string prefix, Dictionary<TensorProto, string> keys)
    {
        foreach (TensorProto tensor in graph.Initializer)
        {
            keys.TryAdd(tensor, $"{prefix}initializer {tensor.Name}");
        }

        foreach (NodeProto node in graph.Node)
        {
            if (node.Output.FirstOrDefault(o => o.Length > 0) is not { } output)
            {
                continue;
            }

            foreach (AttributeProto attribute in node.Attribute)
            {
                string place = $"{prefix}node {output}/{attribute.Name}";
                if (attribute.T is not null)
                {
                    keys.TryAdd(attribute.T, place);
                }

                if (attribute.G is not null)
                {
                    Add(attribute.G, place + "/", keys);
                }

                for (int i = 0; i < attribute.Graphs.Count; i++)
                {
                    Add(attribute.Graphs[i], string.Create(CultureInfo.InvariantCulture, $"{place}[{i}]/"), keys);
                }
            }
        }
    }
}
