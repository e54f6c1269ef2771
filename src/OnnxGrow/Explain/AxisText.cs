using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Explain;

/// <summary>Axes in words: "vocabulary", "heads.0 x head_dim.0", "3 parts (queries, keys, values) of heads.0 x head_dim.0".</summary>
public sealed class AxisText
{
    private readonly Dictionary<SizeClass, Dimension> _dimensions = [];
    private readonly HashSet<Atom> _queries;
    private readonly HashSet<Atom> _keys;

    /// <summary>Makes the words of a model.</summary>
    public AxisText(ModelMap map)
    {
        // What attention sums over: the size of a head, of queries on the left and of keys on the right.
        Contraction[] scores = [.. map.Flow.Contractions.Where(c => !c.LeftIsWeight && !c.RightIsWeight && c.Left.Extent is not null)];
        _queries = [.. scores.SelectMany(c => c.Left.Atoms())];
        _keys = [.. scores.SelectMany(c => c.Right.Atoms())];
        foreach (Dimension dimension in map.Dimensions)
        {
            _dimensions[dimension.Size] = dimension;
        }
    }

    /// <summary>An axis as the dimensions that make it up.</summary>
    public string Of(Axis axis)
    {
        List<Factor> factors = axis.Resolve();
        if (factors is [Atom { Extent: { } count } first, _, ..] && IsCountOfParts(first, factors))
        {
            string of = count == 3 ? "3 parts (queries, keys and values) of " : string.Create(CultureInfo.InvariantCulture, $"{count} parts of ");
            return of + string.Join(" x ", factors.Skip(1).Select(f => Of(f, true)));
        }

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

        Axis[] joined = [.. ((Concatenation)factor).Parts];
        string[] parts = [.. joined.Select(Of)];
        string?[] uses = [.. joined.Select(UseOf)];
        bool told = uses.All(u => u is not null) && uses.Distinct(StringComparer.Ordinal).Count() == uses.Length;
        string text = told ? string.Join(" | ", parts.Select((p, i) => $"{uses[i]} ({p})"))
            : parts.Length > 1 && parts.All(p => p == parts[0])
                ? string.Create(CultureInfo.InvariantCulture, $"{parts.Length} parts {(parts.Length == 3 && uses[0] is not null ? "(queries, keys and values) " : "")}of {parts[0]}")
                : string.Join(" | ", parts);
        return inProduct ? "(" + text + ")" : text;
    }

    /// <summary>What a part of a fused projection is; null for parts of anything else, or where it cannot be told.</summary>
    private string? UseOf(Axis part)
    {
        if (!DimensionsOf(part).Any(d => d.Role == DimensionRole.HeadDim))
        {
            return null;
        }

        bool query = part.Atoms().Any(_queries.Contains);
        bool key = part.Atoms().Any(_keys.Contains);
        return query == key ? query ? null : "values" : query ? "queries" : "keys";
    }

    /// <summary>Whether an axis is cut into as many equal parts as its first factor says, as fused projections are.</summary>
    private bool IsCountOfParts(Atom first, List<Factor> factors) =>
        _dimensions.TryGetValue(first.Size, out Dimension? dimension) && dimension is { Role: DimensionRole.Other, CanGrow: false }
        && factors.Skip(1).OfType<Atom>().Any(a => _dimensions.TryGetValue(a.Size, out Dimension? d) && d.Role == DimensionRole.HeadDim);
}
