using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// LiGO (Wang et al., ICLR 2023, arXiv 2303.00980): widths grow by matrices and depth by mixtures of layers, both learned from
/// data. It takes a training recipe, so that it is a command of its own. Source: growth-math, section 8.
/// </summary>
public sealed class Ligo : GrowthMethod
{
    /// <summary>The method's name.</summary>
    public const string MethodName = "ligo";

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "LOSSY: growth operators learned from data ('onnxgrow learn'; with 'grow' it needs --recipe)";

    /// <inheritdoc/>
    public override bool IsLossless => false;

    /// <inheritdoc/>
    public override void Check(ModelMap map, GrowthPlan plan) =>
        throw new CannotGrowException(ErrorCode.Method, "'ligo' learns how to grow from data, which a plan alone has not: use 'onnxgrow learn', or 'grow --method ligo --recipe recipe.yaml'");
}
