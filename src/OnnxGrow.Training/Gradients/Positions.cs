using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>What gradients of operators that move data share: extents, zeros, sums at positions.</summary>
internal static class Positions
{
    /// <summary>Some of a value's extents.</summary>
    public static string Extents(this GraphWriter at, string value, int start, int end) =>
        at.Op("Shape", [("start", (long)start), ("end", (long)end)], value);

    /// <summary>A value's shape with the extent of one axis replaced.</summary>
    public static string ShapeWith(this GradientEmitter at, string value, int axis, string extent)
    {
        string shape = at.ShapeOf(value);
        var parts = new List<string>();
        if (axis > 0)
        {
            parts.Add(at.Op("Slice", shape, at.Ints(0), at.Ints(axis)));
        }

        parts.Add(extent);

        // Written for a value of any rank: behind the last axis there is nothing.
        parts.Add(at.Op("Slice", shape, at.Ints(axis + 1), at.Ints(int.MaxValue)));
        return at.Op("Concat", [("axis", 0L)], [.. parts]);
    }

    /// <summary>
    /// Zeros around a value, as many as <paramref name="pads"/> says for some axes: in front of each, then behind each; below zero, parts
    /// are cut off. All axes are named to the operator: where only some are, ONNX Runtime (1.29) moves transpositions across it wrongly.
    /// </summary>
    public static string Padded(this GradientEmitter at, string value, string pads, int rank, params long[] axes)
    {
        if (axes.SequenceEqual(Enumerable.Range(0, rank).Select(a => (long)a)))
        {
            return at.Op("Pad", value, pads);
        }

        long[] places = [.. Enumerable.Range(0, rank).Select(a => Array.IndexOf(axes, a) is >= 0 and var place ? place : 2L * axes.Length)];
        long[] behind = [.. places.Select(p => Math.Min(p + axes.Length, 2L * axes.Length))];
        string withZero = at.Op("Concat", [("axis", 0L)], pads, at.Ints(0));
        return at.Op("Pad", value, at.Op("Gather", withZero, at.Ints([.. places, .. behind])));
    }

    /// <summary>Zeros of a shape.</summary>
    public static string Zeros(this GraphWriter at, string shape, ElementType type) =>
        at.Op("ConstantOfShape", [("value", Tensors.Numbers("", type, [1], 0))], shape);

    /// <summary>Zeros of a value's shape and type.</summary>
    public static string ZerosLike(this GradientEmitter at, string value) => at.ZerosLike(value, at.TypeOf(value));

    /// <summary>Zeros of a value's shape.</summary>
    public static string ZerosLike(this GraphWriter at, string value, ElementType type) => at.Zeros(at.ShapeOf(value), type);

    /// <summary>Zeros of the shape of <paramref name="data"/> to which slices along an axis are added at the positions that a list names.</summary>
    public static string AddAlong(this GradientEmitter at, string data, int axis, string positions, string slices) =>
        at.AddAlongInto(at.ZerosLike(data), axis, at.RankOf(data), positions, slices);

    /// <summary>As above for a matrix that the trial run did not show.</summary>
    public static string AddAlong(this GradientEmitter at, string matrix, int axis, string positions, string slices, ElementType type) =>
        at.AddAlongInto(at.ZerosLike(matrix, type), axis, 2, positions, slices);

    /// <summary>
    /// Slices added at positions along an axis, those of one position one after the other. ScatterElements is that on the CPU;
    /// ScatterND adds from several threads at once and loses some.
    /// </summary>
    public static string AddAlongInto(this GraphWriter at, string into, int axis, int rank, string positions, string slices)
    {
        int behind = rank - 1 - axis;
        string column = behind == 0 ? positions : at.Op("Unsqueeze", positions, at.Ints([.. Enumerable.Range(1, behind).Select(a => (long)a)]));
        string everywhere = at.Op("Expand", column, at.ShapeOf(slices));
        return at.Op("ScatterElements", [("axis", (long)axis), ("reduction", "add")], into, everywhere, slices);
    }
}
