using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// Methods that put copies of layers in as they are: lossy by design. Width may grow along with them, by LEMON's lossless
/// rules: the result computes what the source with the copies in it would. Source: growth-math, rule L.2.
/// </summary>
public abstract class LayerCopying : GrowthMethod
{
    /// <inheritdoc/>
    public override bool IsLossless => false;

    /// <inheritdoc/>
    public override bool KeepsCopiedLayers => true;

    /// <inheritdoc/>
    public override void Check(ModelMap map, GrowthPlan plan)
    {
        if (plan.Layers.IsEmpty)
        {
            throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                $"--method {Name}: it copies layers, and none are asked for; give --layers with more than the source's {map.Layers.Count} (width alone is lossless by the method 'lemon')"));
        }
    }
}
