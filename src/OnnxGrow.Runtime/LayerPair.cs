using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>What a layer of the source hands on, and what the grown model has in its place.</summary>
/// <param name="Layer">The layer of the source, from 0.</param>
/// <param name="Source">The value in the source.</param>
/// <param name="Grown">The value in the grown model.</param>
public sealed record LayerPair(int Layer, string Source, string Grown)
{
    /// <summary>The pairs of two models; none where the layers of one are not those of the other.</summary>
    /// <param name="source">The source.</param>
    /// <param name="grown">The grown model.</param>
    /// <param name="plan">The growth; null where none is known, so that both should have as many layers.</param>
    public static IReadOnlyList<LayerPair> Of(ModelMap source, OnnxModel grown, GrowthPlan? plan)
    {
        ModelMap map;
        try
        {
            map = ModelMap.Of(grown);
        }
        catch (BadInputException)
        {
            return [];
        }

        int added = plan?.Layers.Length ?? 0;
        if (map.Layers.Count != source.Layers.Count + added)
        {
            return [];
        }

        // A new layer adds nothing to what the layer in front of it hands on, and may be the one that finishes it (a norm behind
        // the sum): the last of them stands for all.
        var pairs = new List<LayerPair>();
        int last = -1;
        foreach (Analysis.Layers.Layer layer in source.Layers)
        {
            last += 1 + (plan?.Layers.Count(l => l.After == layer.Index) ?? 0);
            pairs.Add(new LayerPair(layer.Index, layer.Output.Name, map.Layers[last].Output.Name));
        }

        return pairs;
    }
}
