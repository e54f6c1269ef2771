using System.Globalization;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth;

/// <summary>
/// What the nodes of a grown model say of the weights that they read: extents with their dimensions before and after, the source's
/// tensor, rules and class. Viewers such as Netron show a node's metadata beside it; nothing is computed from it.
/// </summary>
internal static class NodeNotes
{
    /// <summary>Keys are this and the number of the node's input.</summary>
    public const string Prefix = "onnxgrow.input_";

    /// <summary>Writes them; what an earlier growth has left is replaced.</summary>
    public static void Write(ModelMap source, ModelProto model, IEnumerable<GrownWeight> weights)
    {
        Remove(model);
        ILookup<(string, int), string> names = source.Dimensions.SelectMany(d => d.Weights.Select(w => (Key: (w.Tensor, w.Axis), d.Name))).ToLookup(d => d.Key, d => d.Name);
        Dictionary<string, GrownWeight> grown = weights.ToDictionary(w => w.Name, StringComparer.Ordinal);
        foreach (NodeProto node in model.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (grown.TryGetValue(node.Input[i], out GrownWeight? weight))
                {
                    node.MetadataProps.Add(new StringStringEntryProto { Key = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{i}"), Value = Text(weight, names) });
                }
            }
        }
    }

    /// <summary>Takes them away, for comparisons.</summary>
    public static void Remove(ModelProto model)
    {
        foreach (NodeProto node in model.Graph?.Node ?? [])
        {
            for (int i = node.MetadataProps.Count - 1; i >= 0; i--)
            {
                if (node.MetadataProps[i].Key.StartsWith(Prefix, StringComparison.Ordinal))
                {
                    node.MetadataProps.RemoveAt(i);
                }
            }
        }
    }

    private static string Text(GrownWeight weight, ILookup<(string, int), string> names)
    {
        string shape = $"[{string.Join(", ", weight.Tensor.Dims)}]";
        if (weight.Recipe is not { } recipe)
        {
            return $"{weight.Name} {shape}: drawn anew";
        }

        string before = string.Join(", ", recipe.SourceDims.Select((d, a) => string.Join(" ", names[(weight.SourceName, a)].Prepend(d.ToString(CultureInfo.InvariantCulture)))));
        string from = recipe.NewFrom is null ? "" : " and of the layer behind";
        string rules = recipe.Rules.IsEmpty ? "" : $"; rules {string.Join(", ", recipe.Rules)}";
        return $"{weight.Name} [{before}] -> {shape}, from the source's {weight.SourceName}{from}{rules}; class {Growability.Name(RecipeExactness.Of(recipe))}";
    }
}
