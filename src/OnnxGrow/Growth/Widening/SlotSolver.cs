using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Growth.Widening;

/// <summary>Finds which constants must change so that a size comes out as it has to.</summary>
internal static class SlotSolver
{
    /// <summary>The constants to change, with their new values; null where no change of constants can do it.</summary>
    public static Dictionary<ConstantElement, long>? Solve(SizeExpression given, long wanted, Func<Axis, long?> sizes)
    {
        var changes = new Dictionary<ConstantElement, long>();
        if (!Reach(given, wanted, sizes, changes))
        {
            return null;
        }

        return given.Evaluate(sizes, c => changes.TryGetValue(c, out long v) ? v : null) == wanted ? changes : null;
    }

    private static bool Reach(SizeExpression e, double wanted, Func<Axis, long?> sizes, Dictionary<ConstantElement, long> changes)
    {
        double? now = e.Evaluate(sizes, c => changes.TryGetValue(c, out long v) ? v : null);
        if (now == wanted)
        {
            return true;
        }

        if (Math.Floor(wanted) != wanted || wanted < 0)
        {
            return false;
        }

        switch (e)
        {
            case ConstantSize { Origin: { } origin }:
                changes[origin] = (long)wanted;
                return true;
            case BinarySize binary:
                return Through(binary, wanted, sizes, changes);
            default:
                return false;
        }
    }

    private static bool Through(BinarySize e, double wanted, Func<Axis, long?> sizes, Dictionary<ConstantElement, long> changes)
    {
        double? left = e.Left.Evaluate(sizes, _ => null);
        double? right = e.Right.Evaluate(sizes, _ => null);
        foreach (bool changeRight in new[] { true, false })
        {
            double? fixedSide = changeRight ? left : right;
            if (fixedSide is not { } f)
            {
                continue;
            }

            double needed = (e.Operation, changeRight) switch
            {
                ('+', _) => wanted - f,
                ('-', true) => f - wanted,
                ('-', false) => wanted + f,
                ('*', _) => f == 0 ? double.NaN : wanted / f,
                (_, true) => wanted == 0 ? double.NaN : f / wanted,
                (_, false) => wanted * f,
            };
            var attempt = new Dictionary<ConstantElement, long>(changes);
            if (!double.IsNaN(needed) && Reach(changeRight ? e.Right : e.Left, needed, sizes, attempt))
            {
                foreach ((ConstantElement key, long value) in attempt)
                {
                    changes[key] = value;
                }

                return true;
            }
        }

        return false;
    }
}
