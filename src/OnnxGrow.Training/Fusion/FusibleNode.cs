using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Kernels;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Fusion;

/// <summary>A node that a <see cref="BlockProgram"/> can compute: elementwise, or a reduction along the last axis; float32 throughout.</summary>
internal sealed class FusibleNode
{
    private static readonly Dictionary<string, BlockOperation> Elementwise = new(StringComparer.Ordinal)
    {
        ["Add"] = BlockOperation.Add, ["Sub"] = BlockOperation.Sub, ["Mul"] = BlockOperation.Mul, ["Div"] = BlockOperation.Div,
        ["Max"] = BlockOperation.Max, ["Min"] = BlockOperation.Min, ["Sum"] = BlockOperation.Add, ["Where"] = BlockOperation.Select,
        ["Neg"] = BlockOperation.Neg, ["Abs"] = BlockOperation.Abs, ["Sign"] = BlockOperation.Sign, ["Exp"] = BlockOperation.Exp,
        ["Log"] = BlockOperation.Log, ["Sqrt"] = BlockOperation.Sqrt, ["Reciprocal"] = BlockOperation.Reciprocal,
        ["Erf"] = BlockOperation.Erf, ["Tanh"] = BlockOperation.Tanh, ["Sigmoid"] = BlockOperation.Sigmoid,
        ["HardSigmoid"] = BlockOperation.HardSigmoid, ["Pow"] = BlockOperation.Mul,
    };

    private static readonly Dictionary<string, BlockOperation> AlongRows = new(StringComparer.Ordinal)
    {
        ["ReduceSum"] = BlockOperation.RowSum, ["ReduceMean"] = BlockOperation.RowMean, ["ReduceMax"] = BlockOperation.RowMax, ["Softmax"] = BlockOperation.Softmax,
    };

    private readonly ValueShapes _shapes;
    private readonly Func<string, double[]?> _constants;

    private FusibleNode(NodeProto node, BlockOperation operation, long[] space, bool isRow, ValueShapes shapes, Func<string, double[]?> constants)
    {
        Node = node;
        Operation = operation;
        Space = space;
        IsRow = isRow;
        _shapes = shapes;
        _constants = constants;
    }

    /// <summary>The node.</summary>
    public NodeProto Node { get; }

    /// <summary>What it does; several instructions of that where it has more operands than the operation.</summary>
    public BlockOperation Operation { get; }

    /// <summary>The extents that it computes in: its output's, and of a reduction its input's.</summary>
    public long[] Space { get; }

    /// <summary>Whether the output's last extent is 1: it has a place only beside what has whole rows.</summary>
    public bool IsRow { get; }

    /// <summary>Whether it reduces rows.</summary>
    public bool IsReduction => BlockProgram.IsReduction(Operation);

    /// <summary>Whether computing it again costs less than keeping it: not of functions, not of reductions.</summary>
    public bool IsCheap => Operation <= BlockOperation.Abs || Operation == BlockOperation.HardSigmoid;

    /// <summary>The node, if it is one.</summary>
    public static FusibleNode? Of(NodeProto node, ValueShapes shapes, Func<string, double[]?> constants)
    {
        if (node.Domain is not ("" or "ai.onnx") || node.Output.Count != 1 || shapes.DimsOf(node.Output[0]) is not { Length: > 0 } dims
            || shapes.TypeOf(node.Output[0]) != ElementType.Float32 || node.Input.Any(i => i.Length == 0 || shapes.DimsOf(i) is null))
        {
            return null;
        }

        if (AlongRows.TryGetValue(node.OpType, out BlockOperation reduction))
        {
            long[] space = shapes.DimsOf(node.Input[0])!;
            return space.Length > 0 && IsLastAxis(node, shapes, space.Length) && shapes.TypeOf(node.Input[0]) == ElementType.Float32 && space[^1] > 1
                ? new FusibleNode(node, reduction, space, false, shapes, constants)
                : null;
        }

        bool isWhere = node.OpType == "Where";
        if (!Elementwise.TryGetValue(node.OpType, out BlockOperation operation) || node.Input.Skip(isWhere ? 1 : 0).Any(i => shapes.TypeOf(i) != ElementType.Float32)
            || (node.OpType is "Max" or "Min" && node.Input.Count != 2) || (node.OpType == "Pow" && ExponentOf(node, constants) is not (2 or 3)))
        {
            return null;
        }

        var found = new FusibleNode(node, operation, dims, dims[^1] == 1, shapes, constants);

        // A condition is made a float first, which is worth it for a mask that is shared.
        return isWhere && found.SpreadIn(node.Input[0], dims) == BlockInput.Full ? null : found;
    }

    /// <summary>Whether the node can be computed beside others that have some extents.</summary>
    public bool Fits(long[] space)
    {
        if (IsReduction || Operation == BlockOperation.Softmax)
        {
            return Space.SequenceEqual(space);
        }

        if (IsRow && !Space.SequenceEqual(space))
        {
            return Space.Length == space.Length && Space.AsSpan(..^1).SequenceEqual(space.AsSpan(..^1)) && Node.Input.All(i => SpreadIn(i, space) is BlockInput.Row or BlockInput.Scalar);
        }

        return Space.SequenceEqual(space) && Node.Input.All(i => SpreadIn(i, space) is not null);
    }

    /// <summary>How a value spreads over some extents; null where a program has no name for it.</summary>
    public BlockInput? SpreadIn(string value, long[] space)
    {
        long[] dims = _shapes.DimsOf(value)!;
        if (dims.All(d => d == 1))
        {
            return BlockInput.Scalar;
        }

        if (dims.SequenceEqual(space))
        {
            return BlockInput.Full;
        }

        if (dims.Length > space.Length)
        {
            return null;
        }

        long[] padded = [.. Enumerable.Repeat(1L, space.Length - dims.Length), .. dims];
        if (padded[^1] == 1 && padded.AsSpan(..^1).SequenceEqual(space.AsSpan(..^1)))
        {
            return BlockInput.Row;
        }

        int ones = padded.TakeWhile(d => d == 1).Count();
        return padded.AsSpan(ones).SequenceEqual(space.AsSpan(ones)) ? BlockInput.Trailing : null;
    }

    /// <summary>The number that a value is; null where it is computed or has several.</summary>
    public float? NumberOf(string value) =>
        _shapes.TypeOf(value) == ElementType.Float32 && _shapes.DimsOf(value)!.All(d => d == 1) && _constants(value) is [var number] ? (float)number : null;

    /// <summary>Appends the node's instructions.</summary>
    /// <param name="operands">The registers of its inputs.</param>
    /// <param name="constant">The register of a number.</param>
    /// <param name="append">Appends one and gives its register.</param>
    public int Write(int[] operands, Func<float, int> constant, Func<BlockInstruction, int> append) => Node.OpType switch
    {
        "Pow" when ExponentOf(Node, _constants) == 2 => append(new(Operation, operands[0], operands[0])),
        "Pow" => append(new(Operation, append(new(Operation, operands[0], operands[0])), operands[0])),
        "HardSigmoid" => append(new(Operation, operands[0], constant(Attributes.Float(Node, "alpha", 0.2f)), constant(Attributes.Float(Node, "beta", 0.5f)))),
        "Where" => append(new(Operation, operands[0], operands[1], operands[2])),
        _ when BlockProgram.ArityOf(Operation) == 2 => operands.Skip(1).Aggregate(operands[0], (sum, next) => append(new(Operation, sum, next))),
        _ => append(new(Operation, operands[0])),
    };

    private static double ExponentOf(NodeProto node, Func<string, double[]?> constants) => constants(node.Input[1]) is [var exponent] ? exponent : double.NaN;

    private static bool IsLastAxis(NodeProto node, ValueShapes shapes, int rank)
    {
        if (node.OpType == "Softmax")
        {
            return Attributes.Int(node, "axis", -1) is var axis && (axis == -1 || axis == rank - 1);
        }

        return Attributes.Int(node, "keepdims", 1) == 1 && node.Input.Count == 2 && shapes.NumbersOf(node.Input[1]) is [var only] && (only == -1 || only == rank - 1);
    }
}
