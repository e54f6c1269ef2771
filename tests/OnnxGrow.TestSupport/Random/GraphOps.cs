namespace OnnxGrow.TestSupport.Random;

/// <summary>Operators as the version of the operator set writes them.</summary>
internal static class GraphOps
{
    public static string Add(this GraphBuilder g, string a, string b) => g.Node("Add", [a, b]);

    public static string Mul(this GraphBuilder g, string a, string b) => g.Node("Mul", [a, b]);

    public static string MatMul(this GraphBuilder g, string a, string b) => g.Node("MatMul", [a, b]);

    public static string Number(this GraphBuilder g, string name, double value) => g.Floats(name, [], (float)value);

    public static string Transpose(this GraphBuilder g, string x, params long[] perm) => g.Node("Transpose", [x], ("perm", perm));

    public static string Reshape(this GraphBuilder g, string x, params long[] shape) => g.Node("Reshape", [x, g.Ints("shape", shape)]);

    public static string Concat(this GraphBuilder g, long axis, params string[] parts) => g.Node("Concat", parts, ("axis", axis));

    public static string Cast(this GraphBuilder g, string x) => g.Node("Cast", [x], ("to", (long)g.FloatType));

    public static string Unsqueeze(this GraphBuilder g, string x, params long[] axes) => g.Node("Unsqueeze", [x, g.Ints("axes", axes)]);

    public static string Squeeze(this GraphBuilder g, string x, params long[] axes) => g.Node("Squeeze", [x, g.Ints("axes", axes)]);

    public static string[] Split(this GraphBuilder g, string x, long axis, params long[] sizes) => g.Nodes("Split", [x, g.Ints("split", sizes)], sizes.Length, ("axis", axis));

    public static string Slice(this GraphBuilder g, string x, long axis, string from, string to) => g.Node("Slice", [x, from, to, g.Ints("axis", axis)]);

    public static string Slice(this GraphBuilder g, string x, long axis, long from, long to) => g.Slice(x, axis, g.Ints("from", from), g.Ints("to", to));

    public static string Mean(this GraphBuilder g, string x, long axis) => g.Opset < 18
        ? g.Node("ReduceMean", [x], ("axes", new[] { axis }), ("keepdims", 1))
        : g.Node("ReduceMean", [x, g.Ints("axes", axis)], ("keepdims", 1));

    public static string Sum(this GraphBuilder g, string x, long axis) => g.Node("ReduceSum", [x, g.Ints("axes", axis)], ("keepdims", 0));

    /// <summary>One extent of a value, as a list of one.</summary>
    public static string SizeOf(this GraphBuilder g, string x, long axis) => g.Node("Gather", [g.Node("Shape", [x]), g.Ints("axis", axis)], ("axis", 0));

    /// <summary>The numbers from one size on and below another, both lists of one.</summary>
    public static string Range(this GraphBuilder g, string from, string to) => g.Node("Range", [g.Squeeze(from, 0), g.Squeeze(to, 0), g.Int("step", 1)]);
}
