using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis;

/// <summary>One element of an integer tensor, as a function of sizes: what exporters compute for Reshape and its kin.</summary>
internal abstract record SizeExpression
{
    /// <summary>Expressions of more leaves than this are not followed: a hostile graph doubles them at every node.</summary>
    public const int MaxLeaves = 128;

    /// <summary>Constants and sizes in it, counted as often as they occur.</summary>
    public virtual int Leaves => 1;

    /// <summary>The value, with the extents that <paramref name="size"/> gives; null where something is dynamic.</summary>
    public abstract double? Evaluate(Func<Axis, long?> size, Func<ConstantElement, long?> constant);

    /// <summary>Whether it multiplies sizes and constants, and does nothing else.</summary>
    public bool IsProduct => this is AxisSize or ConstantSize || (this is BinarySize { Operation: '*' or '/' or '\\' } b && b.Left.IsProduct && b.Right.IsProduct);

    /// <summary>
    /// The axis that has this extent: that which a size is read off, a product of such, a new one for a number; null where
    /// the expression says no more.
    /// </summary>
    public Axis? ToAxis() => this switch
    {
        AxisSize size => size.Axis,
        BinarySize { Operation: '*', Known: null } product when product.Left.ToAxis() is { } a && product.Right.ToAxis() is { } b => new Axis([.. a.Resolve(), .. b.Resolve()]),
        BinarySize { Operation: '/' or '\\', Known: null } quotient when quotient.Left.ToAxis() is { } a && quotient.Right.Known is { } divisor => Without(a, divisor),
        _ when Known is { } known and >= 0 => AxisSystem.NewAxis(known),
        _ => null,
    };

    /// <summary>The axis without its last factors of this product: batch x heads over heads is the batch.</summary>
    private static Axis? Without(Axis axis, long divisor)
    {
        List<Factor> factors = axis.Resolve();
        while (divisor > 1 && factors.Count > 0 && factors[^1].Extent is > 0 and { } last && divisor % last == 0)
        {
            divisor /= last;
            factors.RemoveAt(factors.Count - 1);
        }

        return divisor == 1 ? new Axis([.. factors]) : null;
    }

    /// <summary>The value in the model as it is.</summary>
    public long? Known => Evaluate(a => a.Extent, _ => null) is { } v && Math.Floor(v) == v ? (long)v : null;
}

/// <summary>An element of a constant tensor of the file.</summary>
/// <param name="Value">The initializer, or the output of the Constant node.</param>
/// <param name="Index">The element.</param>
internal sealed record ConstantElement(Value Value, int Index);

/// <summary>A constant; Origin is where it may be changed.</summary>
internal sealed record ConstantSize(double Number, ConstantElement? Origin) : SizeExpression
{
    public override double? Evaluate(Func<Axis, long?> size, Func<ConstantElement, long?> constant) =>
        Origin is { } origin && constant(origin) is { } changed ? changed : Number;
}

/// <summary>The extent of an axis, as Shape reads it.</summary>
internal sealed record AxisSize(Axis Axis) : SizeExpression
{
    public override double? Evaluate(Func<Axis, long?> size, Func<ConstantElement, long?> constant) => size(Axis);
}

/// <summary>Arithmetic on two sizes: one of <c>+ - * /</c>, or <c>\</c> for the division of integers.</summary>
internal sealed record BinarySize(char Operation, SizeExpression Left, SizeExpression Right) : SizeExpression
{
    public override int Leaves { get; } = Left.Leaves + Right.Leaves;

    public override double? Evaluate(Func<Axis, long?> size, Func<ConstantElement, long?> constant)
    {
        if (Left.Evaluate(size, constant) is not { } a || Right.Evaluate(size, constant) is not { } b)
        {
            return null;
        }

        return Operation switch
        {
            '+' => a + b,
            '-' => a - b,
            '*' => a * b,
            '\\' => b == 0 ? null : Math.Truncate(a / b),
            _ => b == 0 ? null : a / b,
        };
    }
}

/// <summary>A size that nothing is known of, but that is itself.</summary>
internal sealed record UnknownSize(Value Value, int Index) : SizeExpression
{
    public override double? Evaluate(Func<Axis, long?> size, Func<ConstantElement, long?> constant) => null;
}
