using System.Collections.Immutable;
using OnnxGrow.Analysis;

namespace OnnxGrow.Explain;

/// <summary>One step of a chain: a node that ties an axis of the value before to an axis of this one.</summary>
/// <param name="Node">The node; for a norm of several nodes, its last.</param>
/// <param name="How">What it does with both, as the end of a sentence that begins with its name.</param>
/// <param name="To">The value that is reached.</param>
/// <param name="ToAxis">Its axis.</param>
public sealed record TieStep(Node Node, string How, Value To, int ToAxis);

/// <summary>The shortest way through the graph from one axis to another that must have the same size.</summary>
/// <param name="From">The value that it starts at.</param>
/// <param name="FromAxis">Its axis.</param>
/// <param name="Steps">The steps, in order; none where the start is the end.</param>
public sealed record TieChain(Value From, int FromAxis, ImmutableArray<TieStep> Steps)
{
    /// <summary>The value that it ends at.</summary>
    public Value End => Steps.IsEmpty ? From : Steps[^1].To;

    /// <summary>The axis that it ends at.</summary>
    public int EndAxis => Steps.IsEmpty ? FromAxis : Steps[^1].ToAxis;
}
