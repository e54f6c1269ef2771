using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// bert2BERT's function-preserving initialisation (Chen et al. 2022, arXiv 2110.07143): new neurons and heads copy source
/// ones that are drawn at random, and copies share each entry equally. The paper draws the residual width too, which a norm
/// notices; here what norms read grows as they ask for it, so that the growth is lossless.
/// </summary>
public sealed class Bert2BertFpi : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "bert2bert-fpi";

    /// <inheritdoc/>
    public override string Summary => "lossless; new neurons and heads copy randomly drawn ones, copies share each entry equally";

    /// <inheritdoc/>
    public override SplitStyle Split => SplitStyle.Equal;

    /// <inheritdoc/>
    public override IndexMaps Maps => IndexMaps.RandomWhereLossless;
}
