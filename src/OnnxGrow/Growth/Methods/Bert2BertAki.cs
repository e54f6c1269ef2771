using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// bert2BERT's advanced knowledge initialisation (Chen et al. 2022, arXiv 2110.07143): as its function-preserving one with
/// every index drawn at random, but new output units of a layer are those of the layer behind. Lossy by design: the paper
/// holds that the mixture trains faster than exact copies. Source: growth-math, rule L.1.
/// </summary>
public sealed class Bert2BertAki : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "bert2bert-aki";

    /// <inheritdoc/>
    public override string Summary => "LOSSY: new neurons, heads and channels come from the layer behind";

    /// <inheritdoc/>
    public override bool IsLossless => false;

    /// <inheritdoc/>
    public override SplitStyle Split => SplitStyle.Equal;

    /// <inheritdoc/>
    public override IndexMaps Maps => IndexMaps.Random;

    /// <inheritdoc/>
    public override bool TakesNextLayer => true;
}
