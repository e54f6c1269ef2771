using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth.Methods;

/// <summary>
/// LLaMA-Pro's block expansion (Wu et al. 2024, arXiv 2401.02415): the layers are divided into equal groups, and behind each
/// goes a copy of its last layer whose output projections are zero. Depth only. Source: growth-math, rule 4.1.
/// </summary>
public sealed class LlamaPro : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "llama-pro";

    /// <inheritdoc/>
    public override string Summary => "lossless; depth only: a copy with zero output behind each of equal groups of layers";

    /// <inheritdoc/>
    public override ImmutableArray<LayerInsertion>? Place(int layers, int extra)
    {
        if (extra == 0)
        {
            return [];
        }

        int groups = Math.Min(extra, layers);
        if (layers % groups != 0 || extra % groups != 0)
        {
            IEnumerable<int> near = Enumerable.Range(1, extra + layers).Where(e => e < layers ? layers % e == 0 : e % layers == 0);
            int below = near.Last(e => e < extra);
            int above = near.First(e => e > extra);
            throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                $"--layers {layers + extra}: LLaMA-Pro puts new layers behind equal groups, and {layers} layers make no {extra}; nearest: {layers + below}, {layers + above}"));
        }

        return
        [
            .. from g in Enumerable.Range(1, groups)
               let last = (g * (layers / groups)) - 1
               from copy in Enumerable.Range(0, extra / groups)
               select new LayerInsertion(last, last),
        ];
    }

    /// <inheritdoc/>
    public override void Check(ModelMap map, GrowthPlan plan)
    {
        foreach ((string name, long target) in plan.Dimensions)
        {
            if (map.Find(name) is { } dimension && target != dimension.Extent)
            {
                throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                    $"{dimension.Name} {dimension.Extent} -> {target}: LLaMA-Pro grows the depth only; the method 'lemon' grows both"));
            }
        }
    }
}
