using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>A tensor that an exporter wrote a second time, and that is one weight with the first.</summary>
/// <param name="Name">The copy.</param>
/// <param name="Of">The weight that it is a copy of.</param>
/// <param name="Transposed">Whether it is that weight transposed.</param>
public sealed record TiedWeight(string Name, string Of, bool Transposed);

/// <summary>
/// Finds output layers that share their weights with a table of tokens: exporters fold the transposition of the shared weight into
/// a tensor of its own, and training the two apart would be training another model. In the training graph the copy is computed.
/// </summary>
/// <remarks>
/// Copies of any other kind (layers that growth has copied) are equal at first and must become different: they are no ties.
/// </remarks>
internal static class TiedWeights
{
    private const long FewestElements = 16;
    private const int BlockRows = 64;

    /// <summary>Makes copies into nodes that read the weight.</summary>
    public static List<TiedWeight> Tie(OnnxModel model)
    {
        GraphProto graph = model.Proto.Graph;
        var readers = new GraphReaders(graph);
        TensorProto[] matrices = [.. graph.Initializer.Where(t => t.Dims.Count == 2 && ElementTypes.IsGrowable((ElementType)t.DataType) && Tensors.CountOf(t) >= FewestElements)];
        TensorProto[] tables = [.. matrices.Where(t => readers.Of(t.Name).Any(r => r.Node.OpType == "Gather" && r.Input == 0))];
        var ties = new List<TiedWeight>();
        foreach (TensorProto copy in matrices.Except(tables).ToArray())
        {
            bool last = readers.Of(copy.Name) is { Count: > 0 } uses && uses.All(r => r.Node.OpType is "MatMul" or "Gemm" && r.Input == 1);
            if (last && tables.Select(t => TieOf(model, copy, t)).FirstOrDefault(t => t is not null) is { } tie)
            {
                ties.Add(tie);
                graph.Initializer.Remove(copy);
                GraphInputs.Remove(graph, copy.Name);
                var node = new NodeProto { OpType = tie.Transposed ? "Transpose" : "Identity", Name = tie.Name + "/tied" };
                node.Input.Add(tie.Of);
                node.Output.Add(tie.Name);
                graph.Node.Insert(0, node);
            }
        }

        return ties;
    }

    private static TiedWeight? TieOf(OnnxModel model, TensorProto copy, TensorProto table)
    {
        if (copy.DataType != table.DataType)
        {
            return null;
        }

        bool transposed = copy.Dims[0] == table.Dims[1] && copy.Dims[1] == table.Dims[0];
        return transposed && Same(model, copy, table, true) ? new TiedWeight(copy.Name, table.Name, true)
            : copy.Dims.SequenceEqual(table.Dims) && Same(model, copy, table, false) ? new TiedWeight(copy.Name, table.Name, false)
            : null;
    }

    private static bool Same(OnnxModel model, TensorProto copy, TensorProto table, bool transposed)
    {
        (int rows, int columns) = ((int)table.Dims[0], (int)table.Dims[1]);
        TensorData left = model.DataOf(copy), right = model.DataOf(table);
        double[] all = transposed ? new double[checked(rows * columns)] : [];
        if (transposed)
        {
            left.ReadDoubles(0, all);
        }

        double[] block = new double[BlockRows * columns], same = new double[BlockRows * columns];
        bool varies = false;
        for (int row = 0; row < rows; row += BlockRows)
        {
            int count = Math.Min(BlockRows, rows - row) * columns;
            right.ReadDoubles((long)row * columns, block.AsSpan(0, count));
            if (!transposed)
            {
                left.ReadDoubles((long)row * columns, same.AsSpan(0, count));
            }

            for (int i = 0; i < count; i++)
            {
                double other = transposed ? all[((i % columns) * rows) + row + (i / columns)] : same[i];
                if (block[i] != other)
                {
                    return false;
                }

                varies |= block[i] != block[0];
            }
        }

        return varies;
    }
}
