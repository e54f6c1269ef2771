using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>
/// The same elements under other axes: factors move between axes, a factor may be split, and each target extent says
/// what it has to become.
/// </summary>
[Operator("Reshape")]
internal sealed class Reshape : Operator
{
    public override bool TakesSizes(Node node, int input) => input == 1;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] input = node.Input(0)!.Axes!;
        SizeExpression[]? target = node.Input(1)?.Elements
            ?? node.Ints("shape")?.Select(s => (SizeExpression)new ConstantSize(s, null)).ToArray();
        if (target is null)
        {
            return $"the target shape of {node.Display} is not known before it runs";
        }

        Axis[]? result = ReshapeMatch.Match(input, target, node.Int("allowzero", 0) == 0, flow, out Axis[] regrouped);
        foreach (Axis axis in regrouped)
        {
            flow.Freeze(axis, node, $"{node.Display} regroups [{Text.Cut(string.Join(", ", input.Select(a => a.ToString())))}] in a way that does not keep its parts apart");
        }

        if (result is null)
        {
            result = Fresh(node, target);
            string why = $"{node.Display} regroups [{Text.Cut(string.Join(", ", input.Select(a => a.ToString())))}] in a way that does not keep axes apart";
            foreach (Axis axis in input.Concat(result))
            {
                flow.Freeze(axis, node, why);
            }
        }

        for (int i = 0; i < target.Length; i++)
        {
            if (target[i].Known is not (-1 or 0) && (result[i].Extent is not null || target[i] is BinarySize { IsProduct: true }))
            {
                flow.Slots.Add(new SizeSlot(node, node.Input(1) is null ? -1 : 1, node.Input(1) is null ? "shape" : null, i, target[i], new AxisSize(result[i])));
            }
        }

        Analysis.Flow.Set(node.Output(0), result);

        // A reshaped tensor of sizes is the same list of sizes.
        Analysis.Flow.SetElements(node.Output(0), node.Input(0)!.Elements);
        return null;
    }

    private static Axis[] Fresh(Node node, SizeExpression[] target) => [.. target.Select(t => t switch
    {
        _ when t.Known is -1 or 0 => AxisSystem.NewAxis(null),
        _ => t.ToAxis() ?? AxisSystem.NewAxis(null),
    })];
}

/// <summary>Finds which factors of the input make up each axis of a Reshape's result.</summary>
internal static class ReshapeMatch
{
    /// <param name="input">The axes of the input.</param>
    /// <param name="target">The extents asked for.</param>
    /// <param name="zeroCopies">Whether 0 stands for the input's extent at the same place.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="regrouped">
    /// Axes in the middle, of the input and of the result, that do not correspond; what is outside of and inside them does.
    /// </param>
    public static Axis[]? Match(Axis[] input, SizeExpression[] target, bool zeroCopies, Flow flow, out Axis[] regrouped)
    {
        regrouped = [];
        var result = new Axis?[target.Length];
        var factors = new List<Factor>();
        foreach (Axis axis in input)
        {
            factors.AddRange(axis.Resolve());
        }

        // What does not grow (dynamic extents) may be regrouped freely as long as fixed factors keep their places, so fixed
        // extents are taken from the inner end first, then whatever is left is matched from the outer end.
        int last = target.Length - 1;
        for (; last >= 0; last--)
        {
            if (Wanted(target, input, last, zeroCopies) is not { } extent || TakeFrom(factors, extent, true, flow) is not { } taken)
            {
                break;
            }

            result[last] = new Axis([.. taken]);
        }

        int first = 0;
        for (; first <= last; first++)
        {
            Axis? named = IsCopy(target[first], zeroCopies) && first < input.Length ? input[first] : target[first].Known is null ? target[first].ToAxis() : (target[first] as AxisSize)?.Axis;
            List<Factor>? taken = named is not null ? TakeNamed(factors, named)
                : Wanted(target, input, first, zeroCopies) is { } extent ? TakeFrom(factors, extent, false, flow)
                : null;
            if (taken is null)
            {
                break;
            }

            result[first] = new Axis([.. taken]);
        }

        if (first == last)
        {
            // One axis is left over (as a rule -1): it takes what is left.
            result[first] = new Axis([.. factors]);
            return Complete(result);
        }

        if (first > last)
        {
            // A dynamic extent that no axis is left for must be 1.
            return factors.All(f => f.Extent is null) ? Complete(result) : null;
        }

        for (int i = first; i <= last; i++)
        {
            result[i] = target[i].Known is -1 or 0 ? AxisSystem.NewAxis(null) : target[i].ToAxis() ?? AxisSystem.NewAxis(null);
        }

        // Several are left over. Dynamic extents may be regrouped as they like; others, and what is made of them, do not grow.
        if (factors.Any(f => f.Extent is not null) || result[first..(last + 1)].Any(a => a!.Extent is not null))
        {
            regrouped = [new Axis([.. factors]), .. result[first..(last + 1)]!];
        }

        return Complete(result);
    }

    private static Axis[] Complete(Axis?[] axes) => [.. axes.Select(a => a!)];

    private static bool IsCopy(SizeExpression e, bool zeroCopies) => zeroCopies && e is ConstantSize { Number: 0 };

    private static long? Wanted(SizeExpression[] target, Axis[] input, int i, bool zeroCopies)
    {
        if (IsCopy(target[i], zeroCopies))
        {
            return i < input.Length ? input[i].Extent : null;
        }

        return target[i].Known is { } known and > 0 ? known : null;
    }

    private static List<Factor>? TakeFrom(List<Factor> factors, long extent, bool fromEnd, Flow flow)
    {
        var copy = new List<Factor>(factors);
        List<Factor>? taken = flow.System.Take(copy, extent, fromEnd);
        if (taken is not null)
        {
            factors.Clear();
            factors.AddRange(copy);
        }

        return taken;
    }

    private static List<Factor>? TakeNamed(List<Factor> factors, Axis named)
    {
        List<Factor> wanted = named.Resolve();
        if (wanted.Count > factors.Count)
        {
            return null;
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            // Two dynamic extents at the same place are taken for the same.
            bool same = ReferenceEquals(wanted[i], factors[i]) || wanted[i].Extent == factors[i].Extent;
            if (!same)
            {
                return null;
            }
        }

        List<Factor> taken = factors[..wanted.Count];
        factors.RemoveRange(0, wanted.Count);
        return taken;
    }
}
