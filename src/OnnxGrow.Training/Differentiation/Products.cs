using System.Text;
using Onnx;
using OnnxGrow.Training.Gradients;

namespace OnnxGrow.Training.Differentiation;

/// <summary>The products that a node sums.</summary>
/// <param name="Count">How many there are: m n k of a matrix product.</param>
/// <param name="Operands">Which inputs are multiplied with each other; a bias is none of them.</param>
internal sealed record Products(long Count, IReadOnlyList<int> Operands)
{
    /// <summary>The products of a node; null for one that is no sum of products.</summary>
    /// <param name="node">The node, of the default domain.</param>
    /// <param name="values">The extents of its values.</param>
    public static Products? Of(NodeProto node, ValueTable values) => node.Domain is not ("" or "ai.onnx") ? null : node.OpType switch
    {
        "MatMul" or "MatMulInteger" => MatMul(node, values, 1),
        "QLinearMatMul" => MatMul(node, values, 3),
        "Gemm" => Gemm(node, values),
        "Conv" or "ConvInteger" => Conv(node, values, 1),
        "QLinearConv" => Conv(node, values, 3),
        "ConvTranspose" => ConvTranspose(node, values),
        "Einsum" => Einsum(node, values),
        _ => null,
    };

    // Every entry of the result is a sum over the last axis of the first operand, whatever is broadcast.
    private static Products MatMul(NodeProto node, ValueTable values, int second) =>
        new(checked(Elements(values.DimsOf(node.Output[0])) * values.DimsOf(node.Input[0])[^1]), [0, second]);

    private static Products Gemm(NodeProto node, ValueTable values)
    {
        bool transposed = node.Attribute.Any(a => a.Name == "transA" && a.I != 0);
        return new Products(checked(Elements(values.DimsOf(node.Output[0])) * values.DimsOf(node.Input[0])[transposed ? 0 : 1]), [0, 1]);
    }

    // A kernel is M x C/group x the window: every entry of the result is a sum over all but the first.
    private static Products Conv(NodeProto node, ValueTable values, int kernel) =>
        new(checked(Elements(values.DimsOf(node.Output[0])) * Elements(values.DimsOf(node.Input[kernel]).AsSpan(1))), [0, kernel]);

    // A kernel is C x M/group x the window: every entry of the input is multiplied with all but the first.
    private static Products ConvTranspose(NodeProto node, ValueTable values) =>
        new(checked(Elements(values.DimsOf(node.Input[0])) * Elements(values.DimsOf(node.Input[1]).AsSpan(1))), [0, 1]);

    // With more than two operands the sum is done two at a time in practice; counted is one product an operand beyond the first.
    private static Products? Einsum(NodeProto node, ValueTable values)
    {
        if (node.Input.Count < 2)
        {
            return null;
        }

        long[][] dims = [.. node.Input.Select(values.DimsOf)];
        string equation = Encoding.UTF8.GetString(node.Attribute.First(a => a.Name == "equation").S.Span);
        Dictionary<char, long> extents;
        try
        {
            extents = Extents(EinsumEquation.Parse(equation, [.. dims.Select(d => d.Length)]), dims);
        }
        catch (NoGradientException)
        {
            return null;
        }

        return new Products(checked(Elements([.. extents.Values]) * (node.Input.Count - 1)), [.. Enumerable.Range(0, node.Input.Count)]);
    }

    /// <summary>The extent of every letter; one that is broadcast has the larger.</summary>
    private static Dictionary<char, long> Extents(EinsumEquation equation, long[][] dims)
    {
        var extents = new Dictionary<char, long>();
        for (int i = 0; i < dims.Length; i++)
        {
            for (int axis = 0; axis < dims[i].Length; axis++)
            {
                char letter = equation.Operands[i][axis];
                extents[letter] = Math.Max(extents.GetValueOrDefault(letter, 1), dims[i][axis]);
            }
        }

        return extents;
    }

    private static long Elements(ReadOnlySpan<long> dims)
    {
        long count = 1;
        foreach (long dim in dims)
        {
            count = checked(count * dim);
        }

        return count;
    }
}
