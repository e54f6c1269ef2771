using System.Collections.Immutable;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Data;

/// <summary>A tensor that a data set offers.</summary>
/// <param name="Name">Its name: input_ids, labels, pixel_values, ..., or that of the array.</param>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="SampleDims">The extents for one sample; a batch has one more in front.</param>
public sealed record DataField(string Name, ElementType ElementType, ImmutableArray<long> SampleDims)
{
    /// <summary>Bytes of one sample.</summary>
    public int SampleBytes { get; } = checked((int)ElementTypes.ByteLength(ElementType, SampleDims.Aggregate(1L, (product, dim) => checked(product * dim))));

    /// <summary>Name, type and extents, for messages.</summary>
    public override string ToString() => $"'{Text.Name(Name)}' {ElementType}[{string.Join(", ", SampleDims.Select(d => FormattableString.Invariant($"{d}")).Prepend("batch"))}]";
}
