using System.Collections.Immutable;

namespace OnnxGrow.Growth.Plans;

/// <summary>What a new layer adds nothing by (growth-math, rules 4.1 and 4.2).</summary>
public enum BlockStyle
{
    /// <summary>Type 1: the weights that write the residual stream are zero. Bit-exact.</summary>
    Zero,

    /// <summary>Type 2: copies on the inner width carry random weights that cancel; all parameters get gradients at once.</summary>
    Cancel,
}

/// <summary>A new layer.</summary>
/// <param name="After">The source layer that it follows, from 0.</param>
/// <param name="CopyOf">The source layer whose weights it starts from.</param>
public sealed record LayerInsertion(int After, int CopyOf);

/// <summary>A model file of the grown architecture, whose weights what is free is taken from (growth-math 5.2).</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Sha256">Its SHA-256, in hexadecimal; null where the plan is not tied to one content.</param>
public sealed record InitFile(string Path, string? Sha256);

/// <summary>
/// A growth, complete: the same plan on the same source gives the same bytes, on every machine.
/// </summary>
public sealed record GrowthPlan
{
    /// <summary>Version of this format.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the format that the plan was written in.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Name of the method.</summary>
    public string Method { get; init; } = "lemon";

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; }

    /// <summary>Target extents by dimension name; those not named stay as they are.</summary>
    public ImmutableSortedDictionary<string, long> Dimensions { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>New layers, in the order in which they follow one another.</summary>
    public ImmutableArray<LayerInsertion> Layers { get; init; } = [];

    /// <summary>How new layers add nothing.</summary>
    public BlockStyle Block { get; init; }

    /// <summary>Signal-to-noise ratio of noise that cancels, in decibels; null for none (growth-math 10.2).</summary>
    public double? NoiseDb { get; init; }

    /// <summary>The initialisation that is projected onto the lossless weights; null for none.</summary>
    public InitFile? Init { get; init; }

    /// <summary>
    /// Whether inputs and outputs may become wider: the grown model then takes and gives what the source does, carried by
    /// the expansion (copies, zeros and means beside the source's entries).
    /// </summary>
    public bool WidenInterface { get; init; }

    /// <summary>SHA-256 of the source file, in hexadecimal; null where the plan is not tied to one.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>Whether nothing is asked for.</summary>
    public bool IsEmpty => Dimensions.IsEmpty && Layers.IsEmpty && Method != "random";
}
