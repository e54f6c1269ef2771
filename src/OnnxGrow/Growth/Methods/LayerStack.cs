using System.Collections.Immutable;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// StackBERT (Gong et al. 2019) and G_stack (Du et al. 2024, arXiv 2405.15319): the layers are stacked on top of themselves.
/// </summary>
public sealed class LayerStack : LayerCopying
{
    /// <inheritdoc/>
    public override string Name => "stack";

    /// <inheritdoc/>
    public override string Summary => "LOSSY: copies of the layers, from the first on, on top of the last";

    /// <inheritdoc/>
    public override ImmutableArray<LayerInsertion>? Place(int layers, int extra) => DepthPlanner.Stack(layers, extra);
}
