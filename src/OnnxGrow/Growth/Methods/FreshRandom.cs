namespace OnnxGrow.Growth.Methods;

/// <summary>
/// The target architecture, freshly initialised: the scratch baseline that every growth is measured against. Lossy by
/// design. Matrices and tables are normal with deviation 0.02, gains 1, biases 0.
/// </summary>
public sealed class FreshRandom : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "random";

    /// <inheritdoc/>
    public override string Summary => "LOSSY: the target architecture freshly initialised, the baseline of training from scratch";

    /// <inheritdoc/>
    public override bool IsLossless => false;

    /// <inheritdoc/>
    public override bool IsFresh => true;
}
