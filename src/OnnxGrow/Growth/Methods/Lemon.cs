namespace OnnxGrow.Growth.Methods;

/// <summary>
/// LEMON (ICLR 2024): copies share their entries in parts drawn per entry, so that the copies part under any optimizer, and
/// free entries are random; or both are the nearest to an initialisation that is given, as in LEMON's own code for ViT.
/// Source: growth-math, sections 0.1 and 5.
/// </summary>
public sealed class Lemon : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "lemon";

    /// <inheritdoc/>
    public override string Summary => "lossless; copies share each entry in random parts, so that training separates them (or by --init)";

    /// <inheritdoc/>
    public override bool TakesInit => true;
}
