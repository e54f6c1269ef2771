using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// A grown tensor whose first copies are the source's and whose others, along the axes that the weight writes or multiplies,
/// are those of another tensor like it (bert2BERT's advanced knowledge initialisation). Source: growth-math, rule L.1.
/// </summary>
internal sealed class NextLayerData : TensorData
{
    private readonly RecipeTensorData _own;
    private readonly RecipeTensorData _next;
    private readonly RecipeAxis[] _axes;

    public NextLayerData(WeightRecipe recipe)
    {
        _own = new RecipeTensorData(recipe with { NewFrom = null });
        _next = new RecipeTensorData(recipe with { Source = recipe.NewFrom!, NewFrom = null });
        _axes = [.. recipe.Axes];
    }

    public override ElementType ElementType => _own.ElementType;

    public override long Count => _own.Count;

    public override void ReadBytes(long byteOffset, Span<byte> destination) =>
        StoredForm.ReadBytes(this, byteOffset, destination, ReadElements);

    public override void ReadDoubles(long first, Span<double> destination)
    {
        StoredForm.CheckRange(first, destination.Length, Count);
        foreach ((int start, int length, bool isNew) in Runs(first, destination.Length))
        {
            (isNew ? _next : _own).ReadDoubles(first + start, destination.Slice(start, length));
        }
    }

    /// <summary>Whether an index of an axis is a further copy; a reader's copies stay the layer's own shares.</summary>
    public static bool IsNew(RecipeAxis axis, int index) =>
        axis.Role is AxisRole.Writer or AxisRole.Gain && axis.Expansion.Map[index] >= 0 && axis.Expansion.Ordinal[index] > 0;

    private void ReadElements(long first, Span<byte> destination)
    {
        int size = ElementTypes.Bits(ElementType) / 8;
        foreach ((int start, int length, bool isNew) in Runs(first, destination.Length / size))
        {
            (isNew ? _next : _own).ReadBytes((first + start) * size, destination.Slice(start * size, length * size));
        }
    }

    /// <summary>Stretches that come from one of the two.</summary>
    private List<(int Start, int Length, bool IsNew)> Runs(long first, int count)
    {
        var runs = new List<(int Start, int Length, bool IsNew)>();
        for (int i = 0; i < count; i++)
        {
            bool isNew = IsNew(first + i);
            if (runs.Count > 0 && runs[^1].IsNew == isNew)
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + 1 };
            }
            else
            {
                runs.Add((i, 1, isNew));
            }
        }

        return runs;
    }

    private bool IsNew(long position)
    {
        for (int a = _axes.Length - 1; a >= 0; a--)
        {
            (position, long index) = Math.DivRem(position, _axes[a].Expansion.Target);
            if (IsNew(_axes[a], (int)index))
            {
                return true;
            }
        }

        return false;
    }
}
