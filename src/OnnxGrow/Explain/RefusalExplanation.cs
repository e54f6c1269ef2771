using System.Collections.Immutable;
using OnnxGrow.Analysis;

namespace OnnxGrow.Explain;

/// <summary>Why a growth was refused, followed from a tensor to the nodes that refuse it.</summary>
/// <param name="Message">The refusal in a line.</param>
/// <param name="Causes">The nodes, inputs and outputs behind it; none where the request itself is at fault.</param>
public sealed record RefusalExplanation(string Message, ImmutableArray<RefusalCause> Causes);

/// <summary>One node, input or output that a growth was refused for.</summary>
public sealed record RefusalCause
{
    /// <summary>The dimension that could not grow.</summary>
    public required Dimension Dimension { get; init; }

    /// <summary>The node; null for an input or output of the model.</summary>
    public Node? Node { get; init; }

    /// <summary>The value whose axis it is about: one that the node reads or writes, or the input or output.</summary>
    public Value? Value { get; init; }

    /// <summary>Which axis of it; -1 where it is not known.</summary>
    public int Axis { get; init; } = -1;

    /// <summary>Why.</summary>
    public required string Why { get; init; }

    /// <summary>What would help.</summary>
    public required string Help { get; init; }

    /// <summary>The way there; null where there is none.</summary>
    public TieChain? Chain { get; init; }

    /// <summary>Whether the chain starts at the tensor asked about; if not, that tensor does not have the dimension.</summary>
    public bool StartsAtTensor { get; init; }
}
