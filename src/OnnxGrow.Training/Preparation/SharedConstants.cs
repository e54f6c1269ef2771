using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>
/// Exporters write tensors of equal content once: in a model that was not trained yet, the gains of all norms are one tensor of
/// ones, and all biases one of zeros. Trained as one they would stay equal for ever; so each reader gets its own.
/// </summary>
/// <remarks>Only tensors whose elements are all the same are taken for such: a tensor of other content with several readers is shared on purpose.</remarks>
internal static class SharedConstants
{
    /// <summary>Gives each reader of a shared constant weight a tensor of its own; the model is changed.</summary>
    /// <returns>How many tensors were added.</returns>
    public static int Separate(OnnxModel model)
    {
        GraphProto graph = model.Proto.Graph;
        var readers = new GraphReaders(graph);
        HashSet<string> taken = [.. graph.Initializer.Select(t => t.Name), .. graph.Node.SelectMany(n => n.Output), .. graph.Input.Select(i => i.Name)];
        int added = 0;
        foreach (TensorProto tensor in graph.Initializer.ToArray())
        {
            IReadOnlyList<(NodeProto Node, int Input)> uses = readers.Of(tensor.Name);
            if (uses.Count < 2 || Tensors.CountOf(tensor) < 2 || !ElementTypes.IsGrowable((ElementType)tensor.DataType) || !IsConstant(model.DataOf(tensor)))
            {
                continue;
            }

            foreach ((NodeProto node, int input) in uses.Skip(1))
            {
                TensorProto copy = tensor.Clone();
                copy.Name = Text.Unique(tensor.Name + "_" + node.OpType, taken);
                graph.Initializer.Add(copy);
                node.Input[input] = copy.Name;
                added++;
            }
        }

        return added;
    }

    private static bool IsConstant(TensorData data)
    {
        double[] block = new double[(int)Math.Min(data.Count, 4096)];
        double first = 0;
        for (long at = 0; at < data.Count; at += block.Length)
        {
            Span<double> part = block.AsSpan(0, (int)Math.Min(block.Length, data.Count - at));
            data.ReadDoubles(at, part);
            first = at == 0 ? part[0] : first;
            if (part.ContainsAnyExcept(first))
            {
                return false;
            }
        }

        return true;
    }
}
