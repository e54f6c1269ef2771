using System.Collections.Frozen;

namespace OnnxGrow.Analysis;

/// <summary>
/// How many inputs the standard's operators have, over all of its versions. Whatever looks into a graph may count on them:
/// a node that leaves out what its operator needs, or has more, is computed by no runtime.
/// </summary>
internal static class OperatorArity
{
    private const int Any = int.MaxValue;

    private static readonly FrozenDictionary<string, (int Least, int Most)> Known = Table(
        (1, 1, "Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Cast Ceil Celu ConstantOfShape Cos Cosh Elu Erf Exp"),
        (1, 1, "Flatten Floor Gelu GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Hardmax Identity IsInf IsNaN LeakyRelu Log"),
        (1, 1, "LogSoftmax LpNormalization LpPool MaxPool Mish Neg NonZero Not Reciprocal Relu Round Selu Shape Shrink Sigmoid Sign"),
        (1, 1, "Sin Sinh Size Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Transpose"),
        (1, 2, "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare"),
        (1, 2, "Reshape Split Squeeze TopK Trilu Unsqueeze Upsample"),
        (1, 3, "Clip Dropout"),
        (1, 4, "Pad Resize"),
        (1, 5, "Slice"),
        (1, Any, "Concat Einsum Max Mean Min Sum"),
        (2, 2, "Add And CumSum Div Equal Expand Gather GatherElements GatherND Greater GreaterOrEqual Less LessOrEqual MatMul Mod"),
        (2, 2, "Mul Or PRelu Pow RMSNormalization Sub Xor com.microsoft.FusedMatMul com.microsoft.TransposeMatMul"),
        (2, 3, "Conv Gemm LayerNormalization Tile com.microsoft.FusedGemm"),
        (3, 3, "GroupNormalization InstanceNormalization OneHot Range Scatter ScatterElements ScatterND Where"),
        (3, 4, "RotaryEmbedding"),
        (5, 5, "BatchNormalization"));

    /// <summary>Checks a node's inputs, and that it has the output that it is there for.</summary>
    /// <exception cref="BadInputException">They are not those of its operator.</exception>
    public static void Check(Node node)
    {
        if (!Known.TryGetValue(node.Operator, out (int Least, int Most) arity))
        {
            return;
        }

        int count = node.Inputs.Count;
        if (count < arity.Least || count > arity.Most)
        {
            string takes = arity.Most == Any ? FormattableString.Invariant($"at least {arity.Least}")
                : arity.Least == arity.Most ? FormattableString.Invariant($"{arity.Least}")
                : FormattableString.Invariant($"{arity.Least} to {arity.Most}");
            throw new BadInputException(ErrorCode.Graph, FormattableString.Invariant(
                $"node {node.Display} has {count} {(count == 1 ? "input" : "inputs")}, and its operator takes {takes}; the graph is not complete or was damaged, export the model again"));
        }

        // What may be repeated may not be left out.
        int needed = arity.Most == Any ? count : arity.Least;
        for (int i = 0; i < needed; i++)
        {
            if (node.Inputs[i] is null)
            {
                throw new BadInputException(ErrorCode.Graph, FormattableString.Invariant(
                    $"node {node.Display} leaves out input {i}, which its operator needs; the graph is not complete or was damaged, export the model again"));
            }
        }

        if (node.Output(0) is null)
        {
            throw new BadInputException(
                ErrorCode.Graph, $"node {node.Display} leaves out its first output, for which its operator is there; the graph is not complete or was damaged, export the model again");
        }
    }

    private static FrozenDictionary<string, (int Least, int Most)> Table(params (int Least, int Most, string Operators)[] rows) =>
        rows.SelectMany(r => r.Operators.Split(' ').Select(o => KeyValuePair.Create(o, (r.Least, r.Most)))).ToFrozenDictionary(StringComparer.Ordinal);
}
