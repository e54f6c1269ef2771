using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Shapes, axes and indices, all computed when the model runs, so that no extent has to be in the file.</summary>
internal sealed partial class Emitter
{
    private readonly Dictionary<string, string> _shapes = new(StringComparer.Ordinal);

    /// <summary>The extents of a value.</summary>
    public string ShapeOf(string x) =>
        _shapes.TryGetValue(x, out string? shape) ? shape : _shapes[x] = Op("Shape", x);

    /// <summary>One extent of a value as a list of one; a negative axis counts from the end.</summary>
    public string Dim(string x, int axis) =>
        Slice(ShapeOf(x), [axis], [axis == -1 ? long.MaxValue : axis + 1], [0], [1]);

    /// <summary>A list of one as a scalar.</summary>
    public string AsScalar(string list) => Op("Reshape", list, IntList());

    /// <summary>0, 1, ... up to a count that is a list of one.</summary>
    public string Range(string count)
    {
        if (Opset >= 11)
        {
            return Op("Range", IntScalar(0), AsScalar(count), IntScalar(1));
        }

        Need(9, "a range of integers");

        // Before there was Range: where a list of ones is not zero.
        return Reshape(Op("NonZero", Op("Expand", IntScalar(1), count)), -1);
    }

    /// <summary>An integer scalar.</summary>
    public string IntScalar(long value) => Constant(Tensors.Int64("", [], value));

    /// <summary>Joins along an axis.</summary>
    public string Join(long axis, params string[] parts) => parts.Length == 1 ? parts[0] : Op("Concat", [("axis", axis)], parts);

    /// <summary>Emits a transposition.</summary>
    public string Transpose(string x, params long[] perm) => Op("Transpose", "perm", perm, x);

    /// <summary>Emits Gather along an axis.</summary>
    public string Gather(string x, string indices, long axis) => Op("Gather", [("axis", axis)], x, indices);

    /// <summary>Emits a cast.</summary>
    public string Cast(string x, ElementType type) => Op("Cast", [("to", (long)type)], x);

    /// <summary>Writes a value as int32, the type that fused operators give.</summary>
    public void Cast32(string output, string x)
    {
        To(output, "Cast", x);
        Last.Attribute.Add(new global::Onnx.AttributeProto
        {
            Name = "to",
            Type = global::Onnx.AttributeProto.Types.AttributeType.Int,
            I = (long)ElementType.Int32,
        });
    }

    /// <summary>Puts in an axis of extent 1.</summary>
    public string Unsqueeze(string x, long axis) =>
        Opset >= 13 ? Op("Unsqueeze", x, IntList(axis)) : Op("Unsqueeze", "axes", [axis], x);

    /// <summary>The part of x along one axis between bounds that are lists of one.</summary>
    public string Cut(string x, long axis, string from, string to)
    {
        Need(10, "a slice with computed bounds");
        return Op("Slice", x, from, to, IntList(axis));
    }

    /// <summary>The part of x along one axis from a fixed position up to another.</summary>
    public string Cut(string x, long axis, long from, long to) => Slice(x, [from], [to], [axis], [1]);

    /// <summary>Writes an output that somebody wants.</summary>
    public void Give(int output, string opType, params string[] inputs)
    {
        if (OutputAt(output).Length > 0)
        {
            To(OutputAt(output), opType, inputs);
        }
    }

    /// <summary>Softmax along the last of <paramref name="rank"/> axes.</summary>
    public string Softmax(string x, int rank) => Op("Softmax", [("axis", Opset >= 13 ? -1 : rank - 1)], x);

    /// <summary>a &lt;= b for integers; the operator of that name came late.</summary>
    public string AtMost(string a, string b) => Op("Not", Op("Greater", a, b));

    /// <summary>The larger of two integers; Max takes them from operator set 12 on.</summary>
    public string Larger(string a, string b) => Where(Op("Greater", a, b), a, b);

    /// <summary>Refuses where the operator set is too old for what a lowering needs.</summary>
    public void Need(long opset, string what)
    {
        if (Opset < opset)
        {
            throw Refuse(FormattableString.Invariant($"{what} needs operator set {opset}; this model has {Opset}"));
        }
    }
}
