using System.Collections.Immutable;

namespace OnnxGrow.Growth.Plans;

/// <summary>Where new layers go, if no positions are given.</summary>
public enum DepthStyle
{
    /// <summary>Among the source layers, each new one after the layer that it copies (LEMON).</summary>
    Interpolate,

    /// <summary>On top of the last source layer, as copies of the layers from the first on.</summary>
    Stack,
}

/// <summary>What a person asks for; <see cref="Planner"/> makes a complete plan of it.</summary>
public sealed record GrowthRequest
{
    /// <summary>Residual width after growth.</summary>
    public long? Hidden { get; init; }

    /// <summary>Attention heads of every layer after growth.</summary>
    public long? Heads { get; init; }

    /// <summary>Heads of keys and values of every layer after growth, where query heads share them.</summary>
    public long? KvHeads { get; init; }

    /// <summary>Size of a head after growth.</summary>
    public long? HeadDim { get; init; }

    /// <summary>Tokens after growth.</summary>
    public long? Vocabulary { get; init; }

    /// <summary>Positions after growth.</summary>
    public long? Positions { get; init; }

    /// <summary>Classes after growth.</summary>
    public long? Classes { get; init; }

    /// <summary>Experts of every layer after growth.</summary>
    public long? Experts { get; init; }

    /// <summary>Sizes of single dimensions, by the names that <c>inspect</c> gives them; they win over the other options.</summary>
    public ImmutableSortedDictionary<string, long> Sizes { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Inner width of every feed-forward block after growth.</summary>
    public long? Ffn { get; init; }

    /// <summary>Inner width as a multiple of the residual width ("x4"), or null.</summary>
    public double? FfnRatio { get; init; }

    /// <summary>Whether inputs and outputs may become wider.</summary>
    public bool WidenInterface { get; init; }

    /// <summary>Number of layers after growth.</summary>
    public int? Layers { get; init; }

    /// <summary>Number of layers of every stack after growth, where the model has several (an encoder and a decoder).</summary>
    public ImmutableArray<int> LayersByStack { get; init; } = [];

    /// <summary>Source layers (from 0) after each of which a new layer goes.</summary>
    public ImmutableArray<int> At { get; init; } = [];

    /// <summary>Where new layers go, if <see cref="At"/> is empty.</summary>
    public DepthStyle Depth { get; init; }

    /// <summary>How new layers add nothing.</summary>
    public BlockStyle Block { get; init; }

    /// <summary>Name of the method.</summary>
    public string Method { get; init; } = "lemon";

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; }

    /// <summary>Path of a model of the grown architecture whose weights what is free is taken from; null for none.</summary>
    public string? Init { get; init; }

    /// <summary>Signal-to-noise ratio of noise that cancels, in decibels; null for none.</summary>
    public double? NoiseDb { get; init; }
}
