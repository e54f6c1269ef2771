using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>Another tensor's elements in a wider type; a recipe's before they are rounded to its own.</summary>
internal sealed class LiftedData(TensorData inner, ElementType type) : TensorData
{
    public override ElementType ElementType => type;

    public override long Count => inner.Count;

    public override void ReadBytes(long byteOffset, Span<byte> destination) => StoredForm.ReadRounded(this, byteOffset, destination);

    public override void ReadDoubles(long first, Span<double> destination) => inner.ReadDoubles(first, destination);
}
