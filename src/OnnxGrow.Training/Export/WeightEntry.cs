using System.Collections.Immutable;
using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Export;

/// <summary>One weight of a model, as it is handed to other frameworks.</summary>
/// <param name="Initializer">Its name in the model: of the initializer, or of the output of the Constant node, that holds it.</param>
/// <param name="Name">Its name in the file: its path, numbered where two weights have the same.</param>
/// <param name="Path">The parameter's path in the module that was exported (transformer.h.0.attn.c_attn.weight), as far as the graph tells it.</param>
/// <param name="Dims">Its extents.</param>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Role">What the graph does with it.</param>
/// <param name="Transposed">Whether the exporter has stored it as [in, out], and the module's Linear holds [out, in].</param>
/// <param name="Layer">The repeated layer that alone reads it, from 0; null for one outside the layers.</param>
/// <param name="Axes">The dimensions of each axis, as `inspect` names them; outermost first where there are several.</param>
/// <param name="Reader">The node that reads it.</param>
public sealed record WeightEntry(
    string Initializer,
    string Name,
    string Path,
    ImmutableArray<long> Dims,
    ElementType ElementType,
    ParameterRole Role,
    bool Transposed,
    int? Layer,
    ImmutableArray<ImmutableArray<string>> Axes,
    string Reader)
{
    /// <summary>Its message in the model.</summary>
    internal TensorProto Tensor { get; init; } = null!;
}
