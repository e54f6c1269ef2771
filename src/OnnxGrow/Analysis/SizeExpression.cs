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

/// <summary>Arithmetic on two sizes: one of <c>+ - * /</c>.</summary>
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
            _ => b == 0 ? null : a / b,
        };
    }
}

/// <summary>A size that nothing is known of, but that is itself.</summary>
internal sealed record UnknownSize(Value Value, int Index) : SizeExpression
{
    public override double? Evaluate(Func<Axis, long?> size, Func<ConstantElement, long?> constant) => null;
}
