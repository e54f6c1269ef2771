using System.Collections.Immutable;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth;

/// <summary>
/// An input or output of the model that growth has renamed, resized or added. A state (a cache of keys and values) is
/// carried by an expansion; an output that appended dimensions run along has new entries behind the old ones.
/// </summary>
public sealed record InterfaceChange
{
    /// <summary>Its name in the source; for one that a new layer brings, that of the layer which it copies.</summary>
    public required string SourceName { get; init; }

    /// <summary>Its name in the grown model.</summary>
    public required string GrownName { get; init; }

    /// <summary>Whether it is an input, not an output.</summary>
    public required bool IsInput { get; init; }

    /// <summary>Whether a new layer has brought it: the source has nothing that corresponds.</summary>
    public bool IsNew { get; init; }

    /// <summary>P along each axis; null where the axis does not grow.</summary>
    public required ImmutableArray<AxisExpansion?> Axes { get; init; }

    /// <summary>Whether new entries along the grown axes are new altogether, rather than copies or zeros.</summary>
    public bool IsAppended { get; init; }
}
