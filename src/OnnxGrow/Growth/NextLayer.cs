using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth;

/// <summary>
/// Lets the new entries of a layer's weights come from the layer behind it; the last layer, and whatever stands outside the
/// layers, copies its own. Source: growth-math, rule L.1.
/// </summary>
internal static class NextLayer
{
    public static void Apply(ModelMap map, GraphEditor editor)
    {
        Dictionary<Value, Value> counterparts = Counterparts(map.Layers);
        foreach (GrownWeight weight in editor.Weights.Values.ToArray())
        {
            if (weight.Recipe is not { } recipe || map.Graph.Find(weight.SourceName) is not { } source
                || !counterparts.TryGetValue(source, out Value? next) || !Alike(source.Tensor!, next.Tensor!)
                || !recipe.Axes.Any(a => Enumerable.Range(0, a.Expansion.Target).Any(j => NextLayerData.IsNew(a, j))))
            {
                continue;
            }

            editor.SetRecipe(weight.Name, source, weight.Tensor, recipe with
            {
                NewFrom = map.Graph.Model.DataOf(next.Tensor!),
                IsLossy = true,
                Rules = [.. recipe.Rules, "L.1"],
            });
        }
    }

    private static bool Alike(TensorProto a, TensorProto b) => a.DataType == b.DataType && a.Dims.Equals(b.Dims);

    /// <summary>
    /// For every weight of a layer the one that does the same in the layer behind, found by walking both from their ends. One
    /// that several layers share has none.
    /// </summary>
    private static Dictionary<Value, Value> Counterparts(IReadOnlyList<Layer> layers)
    {
        var pairs = new Dictionary<Value, Value>();
        var shared = new HashSet<Value>();
        for (int i = 0; i + 1 < layers.Count; i++)
        {
            foreach ((Value here, Value behind) in Walk(layers[i], layers[i + 1]))
            {
                if (!pairs.TryAdd(here, behind))
                {
                    shared.Add(here);
                }
            }
        }

        foreach (Value value in shared)
        {
            pairs.Remove(value);
        }

        return pairs;
    }

    private static Dictionary<Value, Value> Walk(Layer here, Layer behind)
    {
        var weights = new Dictionary<Value, Value>();
        var seen = new HashSet<Value>();
        var work = new Stack<(Value Here, Value Behind)>([(here.Output, behind.Output)]);
        while (work.TryPop(out (Value Here, Value Behind) pair))
        {
            if (pair.Here == here.Input || pair.Behind == behind.Input || !seen.Add(pair.Here))
            {
                continue;
            }

            if (pair.Here.Tensor is not null && pair.Behind.Tensor is not null)
            {
                weights[pair.Here] = pair.Behind;
            }
            else if (pair.Here.Producer is { } a && pair.Behind.Producer is { } b && a.Operator == b.Operator && a.Inputs.Count == b.Inputs.Count)
            {
                for (int i = 0; i < a.Inputs.Count; i++)
                {
                    if (a.Input(i) is { } x && b.Input(i) is { } y)
                    {
                        work.Push((x, y));
                    }
                }
            }
        }

        return weights;
    }
}
