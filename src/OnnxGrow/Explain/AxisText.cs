using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Explain;

/// <summary>Axes in words: "vocabulary", "heads.0 x head_dim.0", "3 parts (queries, keys, values) of heads.0 x head_dim.0".</summary>
public sealed class AxisText
{
    private readonly Dictionary<SizeClass, Dimension> _dimensions = [];

    /// <summary>Makes the words of a model.</summary>
    public AxisText(ModelMap map)
    {
        foreach (Dimension dimension in map.Dimensions)
        {
            _dimensions[dimension.Size] = dimension;
        }
    }

    /// <summary>An axis as the dimensions that make it up.</summary>
    public string Of(Axis axis)
    {
        List<Factor> factors = axis.Resolve();
        return factors.Count == 0 ? "1" : string.Join(" x ", factors.Select(f => Of(f, factors.Count > 1)));
    }

    /// <summary>The dimensions of an axis, each once, in order.</summary>
    public IReadOnlyList<Dimension> DimensionsOf(Axis axis) =>
        [.. axis.Atoms().Select(a => _dimensions.GetValueOrDefault(a.Size)).OfType<Dimension>().Distinct()];

    /// <summary>A shape in words: "[vocabulary, hidden]".</summary>
    public string Of(IEnumerable<Axis> axes) => "[" + string.Join(", ", axes.Select(Of)) + "]";

    private string Of(Factor factor, bool inProduct)
    {
        if (factor is Atom atom)
        {
            return _dimensions.TryGetValue(atom.Size, out Dimension? dimension) ? dimension.Name
                : atom.Extent is { } extent ? extent.ToString(CultureInfo.InvariantCulture)
                : atom.Size.Symbol is { Length: > 0 } symbol ? "'" + Text.Name(symbol) + "'" : "any";
        }

        var joined = (Concatenation)factor;
        string[] parts = [.. joined.Parts.Select(Of)];
        bool alike = parts.Length > 1 && parts.All(p => p == parts[0]);
        bool attention = alike && parts.Length == 3 && DimensionsOf(joined.Parts[0]).Any(d => d.Role == DimensionRole.HeadDim);
        string text = !alike ? string.Join(" | ", parts)
            : string.Create(CultureInfo.InvariantCulture, $"{parts.Length} parts {(attention ? "(queries, keys, values) " : "")}of {parts[0]}");
        return inProduct ? "(" + text + ")" : text;
    }
}
