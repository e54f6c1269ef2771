using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>NumPy broadcasting: axes aligned at the innermost, an axis of extent 1 stretches.</summary>
internal static class Broadcasting
{
    /// <summary>
    /// For each axis of the result, the axes of the inputs that meet there; <see cref="Axis.One"/> where an input stretches
    /// or has no such axis.
    /// </summary>
    public static Axis[][] Align(params IReadOnlyList<Axis[]> shapes)
    {
        int rank = shapes.Max(s => s.Length);
        var aligned = new Axis[rank][];
        for (int i = 0; i < rank; i++)
        {
            aligned[i] = [.. shapes.Select(s => i - (rank - s.Length) is >= 0 and var at ? s[at] : Axis.One)];
        }

        return aligned;
    }

    /// <summary>Whether the axis has extent 1, as far as is known now.</summary>
    public static bool IsOne(Axis axis) => axis.Resolve().Count == 0;

    /// <summary>Unifies all the axes that are not 1 and gives the one that the result has.</summary>
    public static Axis Merge(Axis[] axes, Node node, Flow flow)
    {
        Axis result = Axis.One;
        foreach (Axis axis in axes)
        {
            if (!IsOne(axis))
            {
                result = IsOne(result) ? axis : flow.Unify(result, axis, node);
            }
        }

        return result;
    }
}
