using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// SOLAR's depth up-scaling (Kim et al. 2023, arXiv 2312.15166): of n layers, the first n-m and the last n-m one after the
/// other, 2(n-m) in all (its own is 32 layers and m = 8, 48 in all). No source layer is lost: it is the insertion of copies of
/// layers m to n-m-1 behind layer n-m-1.
/// </summary>
public sealed class DepthUpscale : LayerCopying
{
    /// <inheritdoc/>
    public override string Name => "depth-upscale";

    /// <inheritdoc/>
    public override string Summary => "LOSSY: SOLAR's two overlapping runs of the layers, one after the other; --layers says how far they overlap";

    /// <inheritdoc/>
    public override ImmutableArray<LayerInsertion>? Place(int layers, int extra)
    {
        int target = layers + extra;
        if (extra == 0)
        {
            return [];
        }

        if (target % 2 != 0 || extra > layers)
        {
            int[] near = extra > layers ? [2 * layers] : target - 1 > layers ? [target - 1, target + 1] : [target + 1];
            throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                $"--layers {target}: depth up-scaling makes two equal runs of {layers} layers, so an even number up to {2 * layers}; nearest: {string.Join(", ", near)}"));
        }

        int m = layers - (target / 2);
        return [.. Enumerable.Range(m, layers - (2 * m)).Select(i => new LayerInsertion(layers - m - 1, i))];
    }
}
