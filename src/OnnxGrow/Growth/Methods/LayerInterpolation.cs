using System.Collections.Immutable;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// Interpolation (Chang et al. 2018; Dong et al. 2020; a special case of LiGO, arXiv 2303.00980): every layer is followed by
/// its copy. Short of twice the depth, the later layers are.
/// </summary>
public sealed class LayerInterpolation : LayerCopying
{
    /// <inheritdoc/>
    public override string Name => "interpolate";

    /// <inheritdoc/>
    public override string Summary => "LOSSY: a copy of each layer right behind it";

    /// <inheritdoc/>
    public override ImmutableArray<LayerInsertion>? Place(int layers, int extra) => DepthPlanner.Interpolate(layers, extra);
}
