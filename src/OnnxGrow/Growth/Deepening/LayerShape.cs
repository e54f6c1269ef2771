using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Growth.Deepening;

/// <summary>
/// What has to be done to a copy of a layer so that it hands its input on: constants that become zero, and norms that the
/// input then still passes (Post-LN).
/// </summary>
internal sealed record LayerShape(Layer Layer, IReadOnlyDictionary<Value, double> Zeros, IReadOnlyList<NormInstance> Norms)
{
    /// <summary>A copy to which nothing is done (rule L.2).</summary>
    public static LayerShape AsItIs(Layer layer) => new(layer, new Dictionary<Value, double>(), []);

    /// <summary>Reads a layer from its output back to its input.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="norms">The model's norms, by the node that makes their result.</param>
    /// <param name="graph">The source graph.</param>
    /// <exception cref="CannotGrowException">The layer cannot be made to hand its input on.</exception>
    public static LayerShape Of(Layer layer, IReadOnlyDictionary<Node, NormInstance> norms, Graph graph)
    {
        HashSet<Node> inside = [.. layer.Nodes];
        var zeroOutput = new ZeroOutput(norms, graph);
        var zeros = new Dictionary<Value, double>();
        var passed = new List<NormInstance>();
        Value at = layer.Output;
        while (at != layer.Input)
        {
            Node node = at.Producer is { } p && inside.Contains(p) ? p : throw Cannot(layer, at);
            if (norms.TryGetValue(node, out NormInstance? norm))
            {
                passed.Insert(0, norm);
                at = norm.Input;
            }
            else if (node.Is("Add") && Skip(node, layer) is { } skip)
            {
                Value branch = node.Input(0) == skip ? node.Input(1)! : node.Input(0)!;
                foreach ((Value constant, double added) in zeroOutput.Of(branch) ?? throw new CannotGrowException(
                    ErrorCode.Layers, $"layer {layer.Index}: the block that {node.Display} adds to the residual stream does not end in a linear map, gain or norm whose weights could be zero, so a new layer would change the function"))
                {
                    zeros[constant] = added;
                }

                at = skip;
            }
            else if (node.Is("Add") && node.Inputs.Count(i => i is { IsStatic: true }) == 1)
            {
                // A bias of the block before, added to the stream itself.
                Value bias = node.Inputs.First(i => i!.IsStatic)!;
                (Value Leaf, double Number) leaf = AddedNumber.Of(bias, graph) ?? throw Cannot(layer, at);
                zeros[leaf.Leaf] = leaf.Number;
                at = node.Inputs.First(i => !i!.IsStatic)!;
            }
            else if (node.Operator is "Identity" or "Dropout" or "Cast")
            {
                at = node.Input(0)!;
            }
            else
            {
                throw Cannot(layer, at);
            }
        }

        return new LayerShape(layer, zeros, passed);
    }

    /// <summary>The operand that the other one is computed from: the residual connection.</summary>
    private static Value? Skip(Node node, Layer layer)
    {
        Value a = node.Input(0)!;
        Value b = node.Input(1)!;
        return a.IsStatic || b.IsStatic ? null
            : Reaches(b, a, layer) ? a
            : Reaches(a, b, layer) ? b
            : Reaches(b, WithoutBias(a), layer) ? a
            : Reaches(a, WithoutBias(b), layer) ? b
            : null;
    }

    /// <summary>The stream before a bias that some optimizers add to it, rather than to what the block gives.</summary>
    private static Value WithoutBias(Value value)
    {
        while (value.Producer is { } node && node.Is("Add") && node.Inputs.Count(i => i is { IsStatic: true }) == 1)
        {
            value = node.Inputs.First(i => !i!.IsStatic)!;
        }

        return value;
    }

    private static bool Reaches(Value from, Value to, Layer layer)
    {
        var seen = new HashSet<Value>();
        var work = new Stack<Value>([from]);
        while (work.TryPop(out Value? value))
        {
            if (value == to)
            {
                return true;
            }

            if (value == layer.Input || !seen.Add(value) || value.Producer is not { } node || node.Is("Shape"))
            {
                continue;
            }

            foreach (Value? input in node.Inputs)
            {
                if (input is { IsStatic: false })
                {
                    work.Push(input);
                }
            }
        }

        return false;
    }

    private static CannotGrowException Cannot(Layer layer, Value at) => new(
        $"layer {layer.Index}: no residual path leads from its output back to its input (stopped at '{Text.Name(at.Name)}'{(at.Producer is { } p ? $", made by {p.Display}" : "")}), so a new layer cannot hand its input on");
}
