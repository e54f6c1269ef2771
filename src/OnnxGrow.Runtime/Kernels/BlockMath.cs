using System.Numerics;
using System.Numerics.Tensors;

namespace OnnxGrow.Runtime.Kernels;

/// <summary>The operations of a <see cref="BlockProgram"/> on short lists.</summary>
internal static class BlockMath
{
    /// <summary>Element by element.</summary>
    public static void Apply(BlockOperation operation, BlockValue a, BlockValue b, BlockValue c, Span<float> to)
    {
        switch (operation)
        {
            case BlockOperation.Add or BlockOperation.Sub or BlockOperation.Mul or BlockOperation.Div or BlockOperation.Max or BlockOperation.Min:
                Binary(operation, a, b, to);
                break;
            case BlockOperation.Select:
                Select(a, b, c, to);
                break;
            case BlockOperation.HardSigmoid:
                HardSigmoid(a.List, b.Number, c.Number, to);
                break;
            default:
                Unary(operation, a.List, to);
                break;
        }
    }

    /// <summary>Row by row: a result for each, or softmax.</summary>
    public static void Rows(BlockOperation operation, ReadOnlySpan<float> a, int n, Span<float> to)
    {
        for (int r = 0; r < a.Length / n; r++)
        {
            ReadOnlySpan<float> row = a.Slice(r * n, n);
            switch (operation)
            {
                case BlockOperation.RowSum:
                    to[r] = TensorPrimitives.Sum(row);
                    break;
                case BlockOperation.RowMean:
                    to[r] = TensorPrimitives.Sum(row) / n;
                    break;
                case BlockOperation.RowMax:
                    to[r] = TensorPrimitives.Max(row);
                    break;
                default:
                    Softmax(row, to.Slice(r * n, n));
                    break;
            }
        }
    }

    private static void Binary(BlockOperation operation, BlockValue a, BlockValue b, Span<float> to)
    {
        if (a.IsNumber)
        {
            NumberFirst(operation, a.Number, b.List, to);
        }
        else if (b.IsNumber)
        {
            NumberSecond(operation, a.List, b.Number, to);
        }
        else
        {
            Lists(operation, a.List, b.List, to);
        }
    }

    private static void NumberFirst(BlockOperation operation, float a, ReadOnlySpan<float> b, Span<float> to)
    {
        switch (operation)
        {
            case BlockOperation.Sub:
                TensorPrimitives.Subtract(a, b, to);
                break;
            case BlockOperation.Div:
                TensorPrimitives.Divide(a, b, to);
                break;
            default:
                // The others give the same either way round.
                NumberSecond(operation, b, a, to);
                break;
        }
    }

    private static void NumberSecond(BlockOperation operation, ReadOnlySpan<float> a, float b, Span<float> to)
    {
        switch (operation)
        {
            case BlockOperation.Add:
                TensorPrimitives.Add(a, b, to);
                break;
            case BlockOperation.Sub:
                TensorPrimitives.Subtract(a, b, to);
                break;
            case BlockOperation.Mul:
                TensorPrimitives.Multiply(a, b, to);
                break;
            case BlockOperation.Div:
                TensorPrimitives.Divide(a, b, to);
                break;
            case BlockOperation.Max:
                TensorPrimitives.Max(a, b, to);
                break;
            default:
                TensorPrimitives.Min(a, b, to);
                break;
        }
    }

    private static void Lists(BlockOperation operation, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> to)
    {
        switch (operation)
        {
            case BlockOperation.Add:
                TensorPrimitives.Add(a, b, to);
                break;
            case BlockOperation.Sub:
                TensorPrimitives.Subtract(a, b, to);
                break;
            case BlockOperation.Mul:
                TensorPrimitives.Multiply(a, b, to);
                break;
            case BlockOperation.Div:
                TensorPrimitives.Divide(a, b, to);
                break;
            case BlockOperation.Max:
                TensorPrimitives.Max(a, b, to);
                break;
            default:
                TensorPrimitives.Min(a, b, to);
                break;
        }
    }

    private static void Unary(BlockOperation operation, ReadOnlySpan<float> a, Span<float> to)
    {
        switch (operation)
        {
            case BlockOperation.Neg:
                TensorPrimitives.Negate(a, to);
                break;
            case BlockOperation.Abs:
                TensorPrimitives.Abs(a, to);
                break;
            case BlockOperation.Sign:
                for (int i = 0; i < a.Length; i++)
                {
                    to[i] = a[i] > 0 ? 1 : a[i] < 0 ? -1 : a[i];
                }

                break;
            case BlockOperation.Exp:
                TensorPrimitives.Exp(a, to);
                break;
            case BlockOperation.Log:
                TensorPrimitives.Log(a, to);
                break;
            case BlockOperation.Sqrt:
                TensorPrimitives.Sqrt(a, to);
                break;
            case BlockOperation.Reciprocal:
                TensorPrimitives.Reciprocal(a, to);
                break;
            case BlockOperation.Erf:
                ErrorFunction.Of(a, to);
                break;
            case BlockOperation.Tanh:
                TensorPrimitives.Tanh(a, to);
                break;
            case BlockOperation.Sigmoid:
                TensorPrimitives.Sigmoid(a, to);
                break;
            default:
                throw new NotSupportedException($"{operation} is not elementwise");
        }
    }

    private static void Select(BlockValue mask, BlockValue then, BlockValue otherwise, Span<float> to)
    {
        if (mask.IsNumber)
        {
            Copy(mask.Number != 0 ? then : otherwise, to);
            return;
        }

        int i = 0;
        ReadOnlySpan<float> condition = mask.List;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<int> isZero = Vector.Equals(new Vector<float>(condition[i..]), Vector<float>.Zero);
                Vector.ConditionalSelect(isZero, Load(otherwise, i), Load(then, i)).CopyTo(to[i..]);
            }
        }

        for (; i < to.Length; i++)
        {
            to[i] = condition[i] != 0 ? At(then, i) : At(otherwise, i);
        }
    }

    private static void Copy(BlockValue value, Span<float> to)
    {
        if (value.IsNumber)
        {
            to.Fill(value.Number);
        }
        else
        {
            value.List.CopyTo(to);
        }
    }

    private static Vector<float> Load(BlockValue value, int at) => value.IsNumber ? new Vector<float>(value.Number) : new Vector<float>(value.List[at..]);

    private static float At(BlockValue value, int at) => value.IsNumber ? value.Number : value.List[at];

    private static void HardSigmoid(ReadOnlySpan<float> a, float slope, float offset, Span<float> to)
    {
        int i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> line = (new Vector<float>(a[i..]) * slope) + new Vector<float>(offset);
            Vector.Min(Vector.Max(line, Vector<float>.Zero), Vector<float>.One).CopyTo(to[i..]);
        }

        for (; i < to.Length; i++)
        {
            to[i] = Math.Clamp((a[i] * slope) + offset, 0f, 1f);
        }
    }

    private static void Softmax(ReadOnlySpan<float> row, Span<float> to)
    {
        TensorPrimitives.Subtract(row, TensorPrimitives.Max(row), to);
        TensorPrimitives.Exp(to, to);
        TensorPrimitives.Multiply(to, 1 / TensorPrimitives.Sum<float>(to), to);
    }
}
