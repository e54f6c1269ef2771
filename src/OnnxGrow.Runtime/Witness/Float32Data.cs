using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>Another tensor's elements as float32.</summary>
internal sealed class Float32Data(TensorData inner) : TensorData
{
    private const int Size = sizeof(float);

    public override ElementType ElementType => ElementType.Float32;

    public override long Count => inner.Count;

    public override void ReadBytes(long byteOffset, Span<byte> destination)
    {
        // A range that does not lie on whole elements: read those around it.
        long first = Math.DivRem(byteOffset, Size, out long skip);
        int count = (int)((skip + destination.Length + Size - 1) / Size);
        double[] values = new double[count];
        inner.ReadDoubles(first, values);
        float[] narrow = new float[count];
        ElementTypes.FromDoubles(ElementType.Float32, values, MemoryMarshal.AsBytes(narrow.AsSpan()));
        MemoryMarshal.AsBytes(narrow.AsSpan()).Slice((int)skip, destination.Length).CopyTo(destination);
    }

    public override void ReadDoubles(long first, Span<double> destination) => inner.ReadDoubles(first, destination);
}
