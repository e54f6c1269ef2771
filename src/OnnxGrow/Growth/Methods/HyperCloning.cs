using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// HyperCloning (Samragh et al. 2024, arXiv 2409.12903): every size grows by a whole multiple, copies share each entry
/// equally, and noise that cancels in pairs may part them (growth-math 10.2).
/// </summary>
public sealed class HyperCloning : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "hypercloning";

    /// <inheritdoc/>
    public override string Summary => "lossless; whole multiples only, equal shares, with noise that cancels if --noise-db is given";

    /// <inheritdoc/>
    public override SplitStyle Split => SplitStyle.Equal;

    /// <inheritdoc/>
    public override bool TakesNoise => true;

    /// <inheritdoc/>
    public override void Check(ModelMap map, GrowthPlan plan)
    {
        // What others follow comes first: the person asked for that.
        foreach ((string name, long target) in plan.Dimensions.OrderBy(d => map.Find(d.Key)?.Role != DimensionRole.Hidden))
        {
            if (map.Find(name) is { Growth: not DimensionGrowth.Append } dimension && dimension.Extent > 0 && target > dimension.Extent && target % dimension.Extent != 0)
            {
                long below = target / dimension.Extent * dimension.Extent;
                throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                    $"{dimension.Name} {dimension.Extent} -> {target}: HyperCloning repeats the whole, so sizes must be multiples of the source's; nearest: {below}, {below + dimension.Extent} (the method 'lemon' grows to other sizes)"));
            }
        }
    }
}
