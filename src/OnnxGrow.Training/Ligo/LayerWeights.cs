using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Ligo;

/// <summary>The weights of each layer, and those of the other layers that do the same.</summary>
internal sealed class LayerWeights
{
    private readonly Dictionary<string, int> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _modules = new(StringComparer.Ordinal);

    public LayerWeights(ModelMap map)
    {
        var lists = map.Layers.ToDictionary(l => l, WeightsOf);
        HashSet<string> shared = [.. lists.Values.SelectMany(l => l.Select(v => v.Name)).GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)];
        foreach ((Layer layer, List<Value> weights) in lists)
        {
            foreach (Value weight in weights.Where(w => !shared.Contains(w.Name)))
            {
                _layers[weight.Name] = layer.Index;
            }
        }

        foreach (IGrouping<int, Layer> stack in map.Layers.GroupBy(l => l.Stack))
        {
            List<Value>[] weights = [.. stack.Select(l => lists[l])];
            if (weights.All(w => w.Count == weights[0].Count))
            {
                for (int i = 0; i < weights[0].Count; i++)
                {
                    Add([.. weights.Select(w => w[i])], shared);
                }
            }
        }
    }

    /// <summary>The layer that a weight belongs to; null where it belongs to several or none.</summary>
    public int? LayerOf(string weight) => _layers.TryGetValue(weight, out int layer) ? layer : null;

    /// <summary>The weights that do in every layer of the stack what this one does in its own, in the order of the layers; itself alone where there are none.</summary>
    public string[] ModuleOf(string weight) => _modules.TryGetValue(weight, out string[]? module) ? module : [weight];

    private void Add(Value[] module, HashSet<string> shared)
    {
        if (module.Any(v => shared.Contains(v.Name) || !v.Tensor!.Dims.SequenceEqual(module[0].Tensor!.Dims)))
        {
            return;
        }

        string[] names = [.. module.Select(v => v.Name)];
        foreach (string name in names)
        {
            _modules[name] = names;
        }
    }

    /// <summary>The weights that the nodes of a layer read, in the order of the nodes.</summary>
    private static List<Value> WeightsOf(Layer layer)
    {
        var found = new List<Value>();
        var seen = new HashSet<Value>();
        foreach (Value? input in layer.Nodes.SelectMany(n => n.Inputs))
        {
            Collect(input, seen, found);
        }

        return found;
    }

    private static void Collect(Value? value, HashSet<Value> seen, List<Value> found)
    {
        var open = new Stack<Value?>([value]);
        while (open.TryPop(out Value? next))
        {
            if (next is not { IsStatic: true } || !seen.Add(next))
            {
                continue;
            }

            if (next.Tensor is { } tensor)
            {
                if (ElementTypes.IsGrowable((ElementType)tensor.DataType) && Tensors.CountOf(tensor) > 1)
                {
                    found.Add(next);
                }
            }
            else if (next.Producer is { } node)
            {
                foreach (Value? input in node.Inputs.Reverse())
                {
                    open.Push(input);
                }
            }
        }
    }
}
