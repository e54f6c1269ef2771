namespace OnnxGrow.Growth.Shrinking;

/// <summary>Finds, for each tensor of a source, the grown weight from which it follows best.</summary>
internal static class Determining
{
    /// <summary>
    /// The weights by source tensor. Several may hold one source (new layers, places that grow differently): one that is
    /// exact comes before others, one under the source's own name before copies.
    /// </summary>
    /// <param name="grown">A growth of a model whose tensors are <see cref="LateTensorData"/>.</param>
    public static Dictionary<LateTensorData, GrownWeight> Weights(GrownModel grown)
    {
        var best = new Dictionary<LateTensorData, GrownWeight>(ReferenceEqualityComparer.Instance);
        foreach (GrownWeight weight in grown.Weights)
        {
            // A weight's source is told by its recipe: the gain of a new norm may come from another norm.
            if (weight.Recipe is { Source: LateTensorData source } recipe && LeftInverse.Determines(recipe)
                && (!best.TryGetValue(source, out GrownWeight? other) || Rank(weight, source) > Rank(other, source)))
            {
                best[source] = weight;
            }
        }

        return best;
    }

    private static int Rank(GrownWeight weight, LateTensorData source) =>
        (LeftInverse.IsExact(weight.Recipe!) ? 2 : 0) + (weight.Name == source.Name ? 1 : 0);
}
