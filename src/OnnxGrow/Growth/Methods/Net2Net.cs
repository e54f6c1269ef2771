using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// Net2Net (Chen et al. 2016): copies share each entry equally. Lossless, but copies with equal shares stay equal under a
/// deterministic optimizer (growth-math, rule 5.1). Entries that meet only zeros are random: zeros there would never learn
/// (rule 5.4).
/// </summary>
public sealed class Net2Net : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "net2net";

    /// <inheritdoc/>
    public override string Summary => "lossless; copies share each entry equally (they stay equal unless noise or dropout parts them)";

    /// <inheritdoc/>
    public override SplitStyle Split => SplitStyle.Equal;
}
