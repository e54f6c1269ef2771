using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// The lossless tensor that is nearest to an initialisation Z: W~ = Z + (Q W - Z P) P+ (growth-math, rules 0.1 and 5.2), a
/// row of the last axis at a time. Like any recipe's, an element depends on its position alone.
/// </summary>
internal sealed class ProjectedTensorData : TensorData
{
    public ProjectedTensorData(WeightRecipe recipe)
    {
        Recipe = recipe;
        Init = recipe.Init!;
        Axes = new RecipeLayout(recipe).Axes;
        Count = Axes.Aggregate(1L, (n, a) => checked(n * a.Target));
        if (Init.Count != Count)
        {
            throw new ArgumentException($"the initialisation of '{Text.Name(recipe.Name)}' holds {Init.Count} elements, not {Count}");
        }

        // The entries before they are shared: readers' axes are as in the source.
        Whole = new RecipeTensorData(recipe with
        {
            Init = null,
            ZeroSum = false,
            Axes = [.. recipe.Axes.Select(a => a.Role == AxisRole.Reader
                ? a with { Expansion = AxisExpansion.Identity(a.Expansion.Source).Times(a.Expansion.Scale) }
                : a)],
        });
        Columns = [.. Enumerable.Range(0, Axes[^1].Target).Select(Axes[^1].At)];
        Copies = [.. Axes.SkipLast(1).Select(CopiesOf)];
    }

    public override ElementType ElementType => Recipe.Source.ElementType;

    public override long Count { get; }

    internal WeightRecipe Recipe { get; }

    internal TensorData Init { get; }

    internal RecipeTensorData Whole { get; }

    internal RecipeAxisLayout[] Axes { get; }

    /// <summary>The last axis, index by index.</summary>
    internal AxisRun[] Columns { get; }

    /// <summary>For each reader among the axes before, and each source index, the grown indices that copy it; else null.</summary>
    internal int[][]?[] Copies { get; }

    public override void ReadBytes(long byteOffset, Span<byte> destination) =>
        StoredForm.ReadBytes(this, byteOffset, destination, ReadElements);

    public override void ReadDoubles(long first, Span<double> destination)
    {
        StoredForm.CheckRange(first, destination.Length, Count);
        var row = new ProjectedRow(this);
        while (destination.Length > 0)
        {
            ReadOnlySpan<double> values = row.From(first, destination.Length);
            values.CopyTo(destination);
            destination = destination[values.Length..];
            first += values.Length;
        }
    }

    private void ReadElements(long first, Span<byte> destination)
    {
        int size = ElementTypes.Bits(ElementType) / 8;
        var row = new ProjectedRow(this);
        while (destination.Length > 0)
        {
            ReadOnlySpan<double> values = row.From(first, destination.Length / size);
            ElementTypes.FromDoubles(ElementType, values, destination);
            destination = destination[(values.Length * size)..];
            first += values.Length;
        }
    }

    private static int[][]? CopiesOf(RecipeAxisLayout axis)
    {
        if (axis.Role != AxisRole.Reader)
        {
            return null;
        }

        var copies = new List<int>[axis.Source];
        for (int j = 0; j < axis.Target; j++)
        {
            if (axis.Expansion.Map[j] is var i and >= 0)
            {
                (copies[i] ??= []).Add(j);
            }
        }

        return [.. copies.Select(c => c.ToArray())];
    }
}
