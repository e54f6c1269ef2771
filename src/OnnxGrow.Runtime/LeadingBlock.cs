using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>The first entries along every axis of a grown tensor.</summary>
internal static class LeadingBlock
{
    /// <summary>The block of the given extents; null where the tensor does not hold one.</summary>
    public static RuntimeTensor? Of(RuntimeTensor tensor, IReadOnlyList<long> dims)
    {
        if (dims.Count != tensor.Dims.Length || dims.Zip(tensor.Dims).Any(d => d.First > d.Second))
        {
            return null;
        }

        int size = ElementTypes.Bits(tensor.ElementType) / 8;
        byte[] block = new byte[dims.Aggregate(1L, (a, b) => a * b) * size];
        long row = dims.Count == 0 ? 1 : dims[^1];
        long written = 0;
        long[] at = new long[dims.Count];
        while (written < block.Length)
        {
            long from = 0;
            for (int axis = 0; axis < at.Length; axis++)
            {
                from = (from * tensor.Dims[axis]) + at[axis];
            }

            Array.Copy(tensor.Buffer, from * size, block, written, row * size);
            written += row * size;
            for (int axis = at.Length - 2; axis >= 0 && ++at[axis] == dims[axis]; axis--)
            {
                at[axis] = 0;
            }
        }

        return new RuntimeTensor(tensor.ElementType, dims, block);
    }
}
