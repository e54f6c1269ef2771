namespace OnnxGrow.Analysis.Operators;

/// <summary>Arithmetic on tensors of sizes, with broadcasting of single elements.</summary>
internal static class SizeArithmetic
{
    public static SizeExpression[]? Binary(Node node, char operation)
    {
        if (node.Inputs.Count != 2)
        {
            return null;
        }

        return Zip(node.Input(0)?.Elements, node.Input(1)?.Elements, (a, b) =>
            a is ConstantSize { Origin: null } x && b is ConstantSize { Origin: null } y
            && new BinarySize(operation, x, y).Evaluate(_ => null, _ => null) is { } v
                ? new ConstantSize(v, null)
                : new BinarySize(operation, a, b));
    }

    /// <summary>1 or 0 where it can be told; a size is never negative.</summary>
    public static SizeExpression[]? Equal(Node node) => Zip(node.Input(0)?.Elements, node.Input(1)?.Elements, (a, b) =>
    {
        if (a.Known is { } x && b.Known is { } y)
        {
            return new ConstantSize(x == y ? 1 : 0, null);
        }

        return IsSize(a) && b.Known < 0 || IsSize(b) && a.Known < 0
            ? new ConstantSize(0, null)
            : new UnknownSize(node.Outputs[0]!, 0);
    });

    public static SizeExpression[]? Where(Node node)
    {
        SizeExpression[]? condition = node.Input(0)?.Elements;
        SizeExpression[]? yes = node.Input(1)?.Elements;
        SizeExpression[]? no = node.Input(2)?.Elements;
        if (condition is null || yes is null || no is null)
        {
            return null;
        }

        int count = Math.Max(condition.Length, Math.Max(yes.Length, no.Length));
        var result = new SizeExpression[count];
        for (int i = 0; i < count; i++)
        {
            SizeExpression a = At(yes, i);
            SizeExpression b = At(no, i);
            result[i] = At(condition, i).Known switch
            {
                0 => b,
                null when a == b => a,
                null => new UnknownSize(node.Outputs[0]!, i),
                _ => a,
            };
        }

        return result;
    }

    private static bool IsSize(SizeExpression e) => e is AxisSize || (e is BinarySize { Operation: '*' or '+' } b && IsSize(b.Left) && IsSize(b.Right));

    private static SizeExpression[]? Zip(SizeExpression[]? a, SizeExpression[]? b, Func<SizeExpression, SizeExpression, SizeExpression> combine)
    {
        if (a is null || b is null || (a.Length != b.Length && a.Length != 1 && b.Length != 1))
        {
            return null;
        }

        var result = new SizeExpression[Math.Max(a.Length, b.Length)];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = combine(At(a, i), At(b, i));
        }

        return result;
    }

    private static SizeExpression At(SizeExpression[] elements, int index) => elements.Length == 1 ? elements[0] : elements[index];
}
