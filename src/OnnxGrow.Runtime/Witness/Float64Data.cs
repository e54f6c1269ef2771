using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>Another tensor's elements as float64; a recipe's before they are rounded.</summary>
internal sealed class Float64Data(TensorData inner) : TensorData
{
    private const int Size = sizeof(double);

    public override ElementType ElementType => ElementType.Float64;

    public override long Count => inner.Count;

    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        long first = Math.DivRem(byteOffset, Size, out long skip);
        if (skip == 0 && destination.Length % Size == 0)
        {
            inner.ReadDoubles(first, MemoryMarshal.Cast<byte, double>(destination));
            return;
        }

        // A range that does not lie on whole elements: read those around it.
        int count = (int)((skip + destination.Length + Size - 1) / Size);
        double[] values = new double[count];
        inner.ReadDoubles(first, values);
        MemoryMarshal.AsBytes<double>(values).Slice((int)skip, destination.Length).CopyTo(destination);
    }

    public override void ReadDoubles(long first, Span<double> destination) => inner.ReadDoubles(first, destination);
}
