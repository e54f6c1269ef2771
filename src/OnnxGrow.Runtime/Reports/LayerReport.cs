using OnnxGrow.Runtime.Comparison;

namespace OnnxGrow.Runtime.Reports;

/// <summary>Where inside the graphs two models part.</summary>
public sealed record LayerReport
{
    /// <summary>Whether the outputs agree on the case.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What was found, in a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>The case that was run: one whose outputs differ, where there is one.</summary>
    public string? Case { get; init; }

    /// <summary>Whether the float64 graphs were compared (else the models as shipped).</summary>
    public bool InFloat64 { get; init; }

    /// <summary>Values of equal shape that were compared.</summary>
    public int Compared { get; init; }

    /// <summary>Values that grew, of which the leading block was compared.</summary>
    public int ComparedByLeadingBlock { get; init; }

    /// <summary>Values that could not be compared.</summary>
    public int Skipped { get; init; }

    /// <summary>How far what each layer of the source hands on is from what the grown model has in its place.</summary>
    public IReadOnlyList<LayerError> ByLayer { get; init; } = [];

    /// <summary>
    /// The first node, in the graph's order, whose value of equal shape differs and reaches a differing output without
    /// passing a value that agrees.
    /// </summary>
    public LayerDifference? First { get; init; }

    /// <summary>
    /// The same of values that grew, by their leading block. Copies are laid out after the original on a simple axis; on a
    /// product of axes (heads x head size) they are not, and a difference here may be none.
    /// </summary>
    public LayerDifference? FirstInLeadingBlock { get; init; }
}

/// <summary>A node whose values differ.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Value">The value that differs.</param>
/// <param name="Comparison">How far it is apart.</param>
public sealed record LayerDifference(string Node, string Operator, string Value, TensorComparison Comparison);

/// <summary>How far apart what a layer hands on is.</summary>
/// <param name="Layer">The layer of the source, from 0.</param>
/// <param name="Source">What it hands on.</param>
/// <param name="Grown">What the grown model has in its place: what the last layer hands on that was put in behind it.</param>
/// <param name="MaxRelative">The largest relative difference; null where the two cannot be compared.</param>
/// <param name="IsLeadingBlock">Whether it grew, so that its leading block was compared.</param>
public sealed record LayerError(int Layer, string Source, string Grown, double? MaxRelative, bool IsLeadingBlock);
