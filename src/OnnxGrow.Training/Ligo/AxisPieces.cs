using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Training.Ligo;

/// <summary>
/// Tells which operators widen the axes of a grown weight: those of the dimensions that the analysis of the grown model finds on
/// them. So the tying of LiGO's section 3.3 follows from the graph.
/// </summary>
internal sealed class AxisPieces(ModelMap grown, LayerWeights layers, LigoTying tying)
{
    /// <summary>The axes of a weight.</summary>
    /// <param name="weight">The weight in the grown model.</param>
    /// <param name="source">The weight that it was grown from.</param>
    /// <param name="recipe">How.</param>
    public OperatorAxis[] Of(Value weight, Value source, WeightRecipe recipe)
    {
        var axes = new OperatorAxis[recipe.Axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            RecipeAxis axis = recipe.Axes[i];
            bool stays = axis.Role is AxisRole.Keep or AxisRole.Append || axis.Expansion.Target == axis.Expansion.Source;
            axes[i] = new OperatorAxis(axis, stays ? [] : PiecesOf(weight, source, axis, i));
        }

        return axes;
    }

    private List<OperatorPiece> PiecesOf(Value weight, Value source, RecipeAxis axis, int index)
    {
        var pieces = new List<OperatorPiece>();
        AxisExpansion expansion = axis.Expansion;
        if (weight.Axes?.ElementAtOrDefault(index) is { } target && source.Axes?.ElementAtOrDefault(index) is { } before
            && Divide(target, before, axis.Role, weight, index, pieces)
            && pieces.Sum(p => p.Target) == expansion.Target && pieces.Sum(p => p.Source) == expansion.Source
            && pieces.All(p => IsOwn(p, expansion)))
        {
            return pieces;
        }

        return [new OperatorPiece(Key(null, weight, index, axis.Role), 0, expansion.Target, 0, expansion.Source)];
    }

    /// <summary>Adds the pieces of an axis; false where the two axes are not made of alike pieces.</summary>
    private bool Divide(Axis target, Axis source, AxisRole role, Value weight, int index, List<OperatorPiece> pieces)
    {
        if (target.Resolve() is [Concatenation parts])
        {
            return source.Resolve() is [Concatenation olds] && olds.Parts.Length == parts.Parts.Length
                && parts.Parts.Zip(olds.Parts).All(p => Divide(p.First, p.Second, role, weight, index, pieces));
        }

        if (target.Extent is not { } wide || source.Extent is not { } narrow)
        {
            return false;
        }

        (int targetStart, int sourceStart) = pieces.Count == 0 ? (0, 0) : (pieces[^1].TargetStart + pieces[^1].Target, pieces[^1].SourceStart + pieces[^1].Source);
        pieces.Add(new OperatorPiece(Key(target, weight, index, role, pieces.Count), targetStart, checked((int)wide), sourceStart, checked((int)narrow)));
        return true;
    }

    /// <summary>Whether the rows of a piece take nothing from the other pieces.</summary>
    private static bool IsOwn(OperatorPiece piece, AxisExpansion expansion)
    {
        for (int row = piece.TargetStart; row < piece.TargetStart + piece.Target; row++)
        {
            int from = expansion.Map[row];
            (int start, int count) = from >= 0 ? (from, 1) : from == AxisExpansion.Zero ? (piece.SourceStart, 0)
                : (expansion.Blocks[-2 - from].Start, expansion.Blocks[-2 - from].Count);
            if (start < piece.SourceStart || start + count > piece.SourceStart + piece.Source)
            {
                return false;
            }
        }

        return true;
    }

    private string Key(Axis? axis, Value weight, int index, AxisRole role, int piece = 0)
    {
        string own = string.Create(CultureInfo.InvariantCulture, $"{weight.Name}/{index}.{piece}");
        if (tying == LigoTying.None || axis is null || axis.Resolve() is not { Count: > 0 } factors || factors.Any(f => f is not Atom))
        {
            return own;
        }

        Atom[] atoms = [.. factors.Cast<Atom>()];
        Dimension?[] dimensions = [.. atoms.Select(a => grown.Find(a.Size))];
        if (dimensions.Any(d => d is null))
        {
            return own;
        }

        string name = string.Join('x', dimensions.Select(d => d!.Name));
        if (dimensions.Any(d => d!.Role == DimensionRole.Hidden))
        {
            return name;
        }

        // Queries and keys have the same dimensions, and are never added to each other: in the paper each has its own operator.
        // What reads an inner width has that of what writes it.
        string layer = layers.LayerOf(weight.Name) is { } l ? string.Create(CultureInfo.InvariantCulture, $"/layer{l}") : "";
        return dimensions[^1]!.Role == DimensionRole.HeadDim ? $"{name}{layer}/{CarrierOf(atoms[^1], role)}" : name + layer;
    }

    private string CarrierOf(Atom atom, AxisRole role)
    {
        Carrier carrier = grown.Carriers.Of(atom);
        if (role == AxisRole.Reader && carrier.Contracted.FirstOrDefault(c => c.Other.HasActivation) is { } link)
        {
            carrier = link.Other;
        }

        if (!_carriers.TryGetValue(carrier, out int number))
        {
            _carriers.Add(carrier, number = _carriers.Count);
        }

        return number.ToString(CultureInfo.InvariantCulture);
    }

    private readonly Dictionary<Carrier, int> _carriers = [];
}
