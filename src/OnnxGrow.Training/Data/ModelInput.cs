using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Data;

/// <summary>An input of a model that must be fed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Dims">Its extents; null where one is open.</param>
public sealed record ModelInput(string Name, ElementType ElementType, IReadOnlyList<long?> Dims)
{
    /// <summary>The inputs of a model, without those that have a value of their own.</summary>
    public static IReadOnlyList<ModelInput> Of(OnnxModel model)
    {
        var initializers = model.Proto.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return [.. model.Proto.Graph.Input.Where(i => !initializers.Contains(i.Name)).Select(Of)];
    }

    /// <summary>Name, type and extents, for messages.</summary>
    public override string ToString() => $"'{Text.Name(Name)}' {ElementType}[{string.Join(", ", Dims.Select(d => d is { } size ? FormattableString.Invariant($"{size}") : "?"))}]";

    private static ModelInput Of(ValueInfoProto input) => new(
        input.Name,
        (ElementType)(input.Type?.TensorType?.ElemType ?? 0),
        [.. (input.Type?.TensorType?.Shape?.Dim ?? []).Select(d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? d.DimValue : (long?)null)]);
}
