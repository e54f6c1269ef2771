using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Differentiation;

/// <summary>
/// Floating-point operations of one batch, counted from the graph: two for every product of a matrix product, a convolution or
/// an Einsum. In the backward pass each such node costs as much again for every operand whose gradient is needed. Elementwise
/// work, norms, softmax, lookups and the optimizer are not counted; products with the zeros of a padding are.
/// </summary>
/// <param name="Forward">Of the forward pass, as far as the loss depends on it.</param>
/// <param name="Backward">Of the backward pass.</param>
/// <param name="Uncounted">Nodes with graphs inside (loops, branches), whose work is not known from the graph.</param>
public sealed record TrainingCost(long Forward, long Backward, IReadOnlyList<string> Uncounted)
{
    /// <summary>Both passes.</summary>
    public long Total => checked(Forward + Backward);

    /// <summary>The cost of a batch of the extents that the model was prepared with.</summary>
    /// <param name="trainable">The prepared model.</param>
    /// <param name="loss">The loss, which says what the gradients are of.</param>
    /// <exception cref="CannotTrainException">The model has no output that suits the loss.</exception>
    internal static TrainingCost Of(TrainableModel trainable, ILoss loss)
    {
        using OnnxModel scratch = trainable.Forward.Clone();
        GraphProto graph = scratch.Proto.Graph;
        NodeProto[] nodes = [.. graph.Node];
        var writer = new GraphWriter(graph) { FloatType = trainable.FloatType };
        LossGraph written = loss.Emit(new LossEmitter(writer, trainable.Values, [.. graph.Output.Select(o => o.Name)], TrainingGraph.Scale, false));
        return Of(nodes, trainable.Values, [.. written.Seeds.Keys], [.. trainable.Parameters.Select(p => p.Name)], [.. graph.Initializer.Select(t => t.Name)]);
    }

    /// <summary>The cost of a graph.</summary>
    /// <param name="nodes">The nodes, in topological order.</param>
    /// <param name="values">The extents of their values.</param>
    /// <param name="ends">What the loss is computed from.</param>
    /// <param name="parameters">Values whose gradients are asked for.</param>
    /// <param name="constants">Tensors that the graph holds; what only they have a part in is computed once, not in every batch.</param>
    internal static TrainingCost Of(
        IReadOnlyList<NodeProto> nodes,
        ValueTable values,
        IReadOnlyCollection<string> ends,
        IReadOnlyCollection<string> parameters,
        IReadOnlyCollection<string> constants)
    {
        HashSet<string> used = UsedFor(nodes, ends);
        HashSet<string> folded = [.. constants.Except(parameters, StringComparer.Ordinal)];
        IReadOnlySet<string> wanted = Dependence.Between(nodes, ends, parameters, values);
        long forward = 0, backward = 0;
        var uncounted = new List<string>();
        foreach (NodeProto node in nodes)
        {
            string[] takes = [.. Dependence.Takes(node).Where(i => i.Length > 0)];
            if (takes.All(folded.Contains) && !node.OpType.StartsWith("Random", StringComparison.Ordinal))
            {
                folded.UnionWith(node.Output.Where(o => o.Length > 0 && !parameters.Contains(o)));
                continue;
            }

            if (!node.Output.Any(used.Contains))
            {
                continue;
            }

            if (node.Attribute.Any(a => a.G is not null || a.Graphs.Count > 0))
            {
                uncounted.Add(node.Name.Length > 0 ? node.Name : node.Output[0]);
            }
            else if (Products.Of(node, values) is { } products)
            {
                long cost = checked(2 * products.Count);
                forward = checked(forward + cost);
                if (node.Output.Any(wanted.Contains))
                {
                    backward = checked(backward + (cost * products.Operands.Count(i => wanted.Contains(node.Input[i]))));
                }
            }
        }

        return new TrainingCost(forward, backward, uncounted);
    }

    /// <summary>Values that some ends are computed from, by whatever way.</summary>
    private static HashSet<string> UsedFor(IReadOnlyList<NodeProto> nodes, IReadOnlyCollection<string> ends)
    {
        var used = new HashSet<string>(ends, StringComparer.Ordinal);
        foreach (NodeProto node in nodes.Reverse())
        {
            if (node.Output.Any(used.Contains))
            {
                used.UnionWith(Dependence.Takes(node).Where(i => i.Length > 0));
            }
        }

        return used;
    }
}
