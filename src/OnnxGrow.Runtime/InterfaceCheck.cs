using Google.Protobuf.Collections;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>Whether two models can stand for one another: the same inputs and outputs, in the same order.</summary>
internal static class InterfaceCheck
{
    /// <param name="source">The source.</param>
    /// <param name="grown">The grown model.</param>
    /// <param name="changes">What growth has changed; null for nothing.</param>
    public static IReadOnlyList<string> Differences(OnnxModel source, OnnxModel grown, GrownInterface? changes)
    {
        var found = new List<string>();
        bool adapted = changes is { IsSame: false };
        Compare("input", Renamed(Inputs(source), changes, true), Old(Inputs(grown), changes, true), adapted, found);
        Compare("output", Renamed(source.Proto.Graph.Output, changes, false), Old(grown.Proto.Graph.Output, changes, false), adapted, found);
        return found;
    }

    private static ValueInfoProto[] Renamed(IEnumerable<ValueInfoProto> source, GrownInterface? changes, bool isInput) =>
        [.. source.Select(v => changes?.NameOf(v.Name, isInput) is { } name && name != v.Name ? new ValueInfoProto(v) { Name = name } : v)];

    private static ValueInfoProto[] Old(IEnumerable<ValueInfoProto> grown, GrownInterface? changes, bool isInput) =>
        changes is null ? [.. grown] : [.. grown.Where(v => !changes.New(isInput).Contains(v.Name))];

    private static ValueInfoProto[] Inputs(OnnxModel model)
    {
        RepeatedField<TensorProto> initializers = model.Proto.Graph.Initializer;
        var names = initializers.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return [.. model.Proto.Graph.Input.Where(i => !names.Contains(i.Name))];
    }

    private static void Compare(
        string what, IReadOnlyList<ValueInfoProto> source, IReadOnlyList<ValueInfoProto> grown, bool adapted, List<string> found)
    {
        var left = source.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        var right = grown.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        found.AddRange(source.Where(v => !right.Contains(v.Name)).Select(v => $"the grown model lacks the {what} '{Text.Name(v.Name)}'"));
        found.AddRange(grown.Where(v => !left.Contains(v.Name)).Select(v => $"the grown model has another {what}, '{Text.Name(v.Name)}'"));
        if (left.SetEquals(right) && !source.Select(v => v.Name).SequenceEqual(grown.Select(v => v.Name)))
        {
            found.Add($"the {what}s are in another order: {Text.Some(source.Select(v => Text.Name(v.Name)))} in the source, "
                + $"{Text.Some(grown.Select(v => Text.Name(v.Name)))} in the grown model");
        }

        foreach (ValueInfoProto value in source)
        {
            if (grown.FirstOrDefault(v => v.Name == value.Name) is { } other)
            {
                Compare(what, value, other, adapted, found);
            }
        }
    }

    private static void Compare(string what, ValueInfoProto source, ValueInfoProto grown, bool adapted, List<string> found)
    {
        TypeProto.Types.Tensor? a = source.Type?.TensorType, b = grown.Type?.TensorType;
        if (a is null || b is null)
        {
            return;
        }

        string name = Text.Name(source.Name);
        if (a.ElemType != b.ElemType)
        {
            found.Add($"the {what} '{name}' is {(ElementType)a.ElemType} in the source and {(ElementType)b.ElemType} in the grown model");
        }

        if (!adapted && a.Shape is not null && b.Shape is not null && !SameExtents(a.Shape, b.Shape))
        {
            found.Add($"the {what} '{name}' is [{Show(a.Shape)}] in the source and [{Show(b.Shape)}] in the grown model");
        }
    }

    // Names of dynamic extents are free; that an extent is dynamic is part of the interface.
    private static bool SameExtents(TensorShapeProto a, TensorShapeProto b) =>
        a.Dim.Count == b.Dim.Count
        && a.Dim.Zip(b.Dim).All(d => d.First.HasDimValue == d.Second.HasDimValue && d.First.DimValue == d.Second.DimValue);

    private static string Show(TensorShapeProto shape) =>
        string.Join(", ", shape.Dim.Select(d => d.HasDimValue ? FormattableString.Invariant($"{d.DimValue}") : Text.Name(d.DimParam)));
}
