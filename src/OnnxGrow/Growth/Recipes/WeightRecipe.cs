using System.Collections.Immutable;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>What a weight does with the dimension of one of its axes.</summary>
public enum AxisRole
{
    /// <summary>The axis does not grow.</summary>
    Keep,

    /// <summary>The axis is an activation's: the grown weight is P times the source weight along it.</summary>
    Writer,

    /// <summary>
    /// The axis is summed over with an activation carried by P: the grown weight times P is the source weight. Copies
    /// share the source entry among them; what meets a zero row of P is free.
    /// </summary>
    Reader,

    /// <summary>
    /// The axis multiplies an activation entry by entry: copies hold the source entry, what meets a zero row is free.
    /// </summary>
    Gain,

    /// <summary>New entries follow the old ones, of which nothing that the source computes depends on them (rules 3.12, 3.13).</summary>
    Append,
}

/// <summary>One axis of a grown weight.</summary>
/// <param name="Role">What the weight does along it.</param>
/// <param name="Expansion">P of the activation on this axis (Target x Source); the identity where the axis is kept.</param>
public sealed record RecipeAxis(AxisRole Role, AxisExpansion Expansion);

/// <summary>How the copies on reader axes share one source entry.</summary>
public enum SplitStyle
{
    /// <summary>Shares drawn per entry, on the grid of the source entry, so that their sum is exact (growth-math 10.1).</summary>
    Random,

    /// <summary>Equal shares 1/m: exact for powers of two, rounded otherwise (Net2Net, HyperCloning).</summary>
    Equal,
}

/// <summary>What free entries (those that meet only zeros) hold.</summary>
public enum FreeFill
{
    /// <summary>Random values with the source tensor's root mean square (gains: uniform in (-1, 1)).</summary>
    Random,

    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>Ones: a gain whose input's tail holds the weighted mean already (rule 3.15).</summary>
    One,
}

/// <summary>
/// How one grown tensor is computed from one source tensor: pure data, no bytes. The writer evaluates it in blocks, the
/// certificate checks the written bytes against it, and the float64 witness reads it before rounding.
/// The value at a grown index is <c>Factor * (writer expansions applied to the source entry)</c>, shared among the copies
/// of its reader axes. Source: growth-math, rules 0.1 and 0.2.
/// </summary>
public sealed record WeightRecipe
{
    /// <summary>Name of the grown tensor, for messages; also the stream of its random numbers, with <see cref="Seed"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The source tensor's elements.</summary>
    public required TensorData Source { get; init; }

    /// <summary>The source tensor's dims.</summary>
    public required ImmutableArray<long> SourceDims { get; init; }

    /// <summary>One entry an axis.</summary>
    public required ImmutableArray<RecipeAxis> Axes { get; init; }

    /// <summary>Every entry is the source's times this; 0 for the output of a new block that must add nothing.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>
    /// With <see cref="Factor"/> 0: copies on reader axes hold random values that sum to exactly zero (type-2 depth, rule
    /// 4.2) instead of zeros (type 1, rule 4.1). Where nothing is copied both are zeros.
    /// </summary>
    public bool ZeroSum { get; init; }

    /// <summary>Added to every entry after the factor: the Gemma gain (1 + w) scales as factor*(1+w) - 1 with Offset 1.</summary>
    public double Offset { get; init; }

    /// <summary>How copies share an entry.</summary>
    public SplitStyle Split { get; init; }

    /// <summary>
    /// With equal shares: signal-to-noise ratio, in decibels, of noise that is added to one copy of each pair and taken off
    /// the other; null for none (growth-math 10.2).
    /// </summary>
    public double? NoiseDb { get; init; }

    /// <summary>
    /// Another tensor like the source, from which new entries on writers' axes come instead (growth-math L.1); null for none.
    /// </summary>
    public TensorData? NewFrom { get; init; }

    /// <summary>
    /// An initialisation of the grown tensor, of its shape, that what is free is taken from: shares and free entries are its
    /// nearest lossless ones (growth-math 5.2); null where they are drawn.
    /// </summary>
    public TensorData? Init { get; init; }

    /// <summary>Whether the weight, computed as the recipe says, still changes the function (growth-math, section L).</summary>
    public bool IsLossy { get; init; }

    /// <summary>What free entries hold.</summary>
    public FreeFill Free { get; init; }

    /// <summary>The plan's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>The rules it follows, as growth-math numbers them ("0.2", "2.1").</summary>
    public required ImmutableArray<string> Rules { get; init; }

    /// <summary>The same recipe of a vector as one of another rank, with its entries along one axis.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="at">The axis.</param>
    internal WeightRecipe AsVector(int rank, int at)
    {
        int own = 0;
        while (own < SourceDims.Length - 1 && SourceDims[own] == 1)
        {
            own++;
        }

        if (SourceDims.Length == 0 || (SourceDims.Length == rank && own == at))
        {
            return this;
        }

        RecipeAxis entries = Axes[own];
        long extent = SourceDims[own];
        return this with
        {
            SourceDims = [.. Enumerable.Range(0, rank).Select(i => i == at ? extent : 1L)],
            Axes = [.. Enumerable.Range(0, rank).Select(i => i == at ? entries : new RecipeAxis(AxisRole.Keep, AxisExpansion.Identity(1)))],
        };
    }

    /// <summary>The grown tensor's dims.</summary>
    public ImmutableArray<long> TargetDims => [.. Axes.Select(a => (long)a.Expansion.Target)];
}
