namespace OnnxGrow.Analysis.Layers;

/// <summary>One of a model's repeated layers.</summary>
public sealed record Layer
{
    /// <summary>Position among all layers, from 0; those of a stack follow one another.</summary>
    public required int Index { get; init; }

    /// <summary>The stack that it is one of, from 0: an encoder and a decoder are two, and so are two towers.</summary>
    public int Stack { get; init; }

    /// <summary>What the layer takes from the one before it.</summary>
    public required Value Input { get; init; }

    /// <summary>What it hands to the next.</summary>
    public required Value Output { get; init; }

    /// <summary>The states that it takes and hands on, in the order of the graph's outputs.</summary>
    public IReadOnlyList<ModelState> States { get; init; } = [];

    /// <summary>Its nodes, in graph order, the computation of shapes from its input included.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }
}
