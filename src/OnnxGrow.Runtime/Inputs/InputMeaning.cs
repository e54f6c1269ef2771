using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>What a graph input stands for, as far as its use in the graph tells.</summary>
public enum InputKind
{
    /// <summary>Rows of a table: token ids, segment ids, positions.</summary>
    Index,

    /// <summary>Zeros and ones.</summary>
    Mask,

    /// <summary>Numbers of places: what a rotary embedding makes angles of.</summary>
    Position,

    /// <summary>Any numbers: images, features, cached keys and values.</summary>
    Values,
}

/// <summary>A graph input and what it stands for.</summary>
public sealed record InputMeaning
{
    /// <summary>The input's name.</summary>
    public required string Name { get; init; }

    /// <summary>The type of its elements.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>Its extents as the file gives them: numbers, or names of dynamic ones.</summary>
    public required IReadOnlyList<string> Dims { get; init; }

    /// <summary>What it stands for.</summary>
    public required InputKind Kind { get; init; }

    /// <summary>For an index: rows of the smallest table that it is used on.</summary>
    public long Rows { get; init; }

    /// <summary>For an index: the smallest value, where the graph adds an offset before it looks up.</summary>
    public long First { get; init; }

    /// <summary>For an index: how many different rows the cases use.</summary>
    public long RowsUsed { get; init; }
}
