using System.Collections.Immutable;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;

namespace OnnxGrow.Explain;

/// <summary>Explains single tensors of a model.</summary>
public sealed class TensorExplainer
{
    private readonly ModelMap _map;
    private readonly AxisText _text;
    private readonly TieSearch _search;
    private IReadOnlyList<Growability>? _growth;

    /// <summary>Makes an explainer of a model.</summary>
    public TensorExplainer(ModelMap map)
    {
        _map = map;
        _text = new AxisText(map);
        _search = new TieSearch(map);
    }

    /// <summary>Explains a weight, an input, or a value that a node makes.</summary>
    /// <exception cref="BadInputException">There is none of this name; the message gives the closest.</exception>
    public TensorExplanation Explain(string name)
    {
        Value value = _map.Graph.Find(name) ?? throw Unknown(name, _map);
        ImmutableArray<AxisExplanation> axes = value.Axes is null ? [] : [.. Enumerable.Range(0, value.Axes.Length).Select(i => Explain(value, i))];
        _growth ??= Growability.Of(_map);
        return new TensorExplanation
        {
            Map = _map,
            Value = value,
            Kind = KindOf(value),
            Type = TypeOf(value),
            Shape = value.Axes is null ? null : _text.Of(value.Axes),
            Axes = axes,
            Dimensions = [.. axes.SelectMany(a => a.Ties).Select(t => t.Dimension).Distinct().Select(d => DimensionExplanation.Of(_map, d, _growth))],
            OtherUses = value.Tensor is null || value.Producer is not null ? []
                : [.. _map.Graph.Values.Where(v => v != value && v.Producer is null && v.Tensor is not null && v.InitializerName == value.InitializerName).Select(v => v.Name)],
        };
    }

    /// <summary>That a model has no tensor of this name; the closest names are given.</summary>
    internal static BadInputException Unknown(string name, params ModelMap[] maps)
    {
        Value[] values = [.. maps.SelectMany(m => m.Graph.Values)];
        IReadOnlyList<string> near = NearestNames.To(name, values.Where(v => v.Tensor is not null).Select(v => v.Name), 3);
        near = [.. near.Concat(NearestNames.To(name, values.Select(v => v.Name))).Distinct(StringComparer.Ordinal).Take(5)];
        string hint = near.Count > 0
            ? $"the closest names are {Text.List(near.Select(n => $"'{Text.Name(n)}'"))}"
            : "'onnxgrow inspect MODEL --all' lists the weights";
        return new BadInputException(ErrorCode.Option, $"explain: the model has no tensor '{Text.Name(name)}'; {hint}");
    }

    private AxisExplanation Explain(Value value, int axis)
    {
        var own = value.Axes![axis];
        return new AxisExplanation(axis, own.Extent, _text.Of(own), [.. _text.DimensionsOf(own).Select(d => Tie(value, axis, d))]);
    }

    private AxisTie Tie(Value value, int axis, Dimension dimension)
    {
        if (Landmark.Of(_map, dimension) is { } landmark && _search.Find(value, axis, dimension.Size, (v, _) => v == landmark.Weight) is { } chain)
        {
            return new AxisTie(dimension, chain, landmark.What, chain.Steps.IsEmpty);
        }

        return new AxisTie(dimension, _search.Find(value, axis, dimension.Size, (v, _) => v != value && IsWeight(v)), null, false);
    }

    private static bool IsWeight(Value value) => value.Tensor is { } tensor && ElementTypes.IsGrowable((ElementType)tensor.DataType);

    private static string KindOf(Value value) =>
        IsWeight(value) ? "weight"
        : value.Tensor is not null ? "constant"
        : value.IsGraphInput ? "input of the model"
        : value.IsGraphOutput ? "output of the model"
        : value.IsStatic ? "computed from constants"
        : "activation";

    private static ElementType? TypeOf(Value value) =>
        value.Tensor is { } tensor ? (ElementType)tensor.DataType
        : value.Info?.Type is { ValueCase: TypeProto.ValueOneofCase.TensorType } type ? (ElementType)type.TensorType.ElemType
        : null;
}
