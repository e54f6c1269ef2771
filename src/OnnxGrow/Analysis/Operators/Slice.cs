using System.Globalization;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>A range of each axis; on an axis that grows only whole parts of a concatenation.</summary>
[Operator("Slice")]
internal sealed class Slice : Operator
{
    public override bool TakesSizes(Node node, int input) => input > 0;

    public override IEnumerable<int> HandsOn(Node node, int output) => [0];

    public override string? Flow(Node node, Flow flow)
    {
        Axis[] axes = node.Input(0)!.Axes!;
        SizeExpression[]? starts = Argument(node, 1, "starts");
        SizeExpression[]? ends = Argument(node, 2, "ends");
        SizeExpression[]? steps = Argument(node, 4, "steps");
        SizeExpression[]? over = Argument(node, 3, "axes") ?? (node.Input(3) is not null || starts is null ? null
            : [.. Enumerable.Range(0, starts.Length).Select(i => (SizeExpression)new ConstantSize(i, null))]);
        if (over is null || over.Any(o => o.Known is null))
        {
            return $"the axes of {node.Display} are not known before it runs";
        }

        var result = (Axis[])axes.Clone();
        for (int i = 0; i < over.Length; i++)
        {
            long axis = over[i].Known!.Value;
            int at = (int)(axis < 0 ? axis + axes.Length : axis);
            long step = steps is null ? node.Input(4) is null ? 1 : 0 : steps[i].Known ?? 0;
            result[at] = Cut(node, flow, axes[at], starts?[i], ends?[i], step, i);
            TieParts(axes[at], starts?[i], ends?[i], flow);
        }

        Analysis.Flow.Set(node.Output(0), result);
        SetElements(node, flow, starts, ends, over, steps);
        return null;
    }

    /// <summary>Where bounds are computed by dividing the axis, its parts stay equal.</summary>
    private static void TieParts(Axis axis, SizeExpression? start, SizeExpression? end, Flow flow)
    {
        if ((Divides(start) || Divides(end)) && axis.Resolve() is [Concatenation concatenation])
        {
            Axis[] parts = [.. Flat(concatenation)];
            foreach (Axis part in parts.Skip(1).Where(p => p.Extent == parts[0].Extent))
            {
                flow.System.SameSize(parts[0], part);
            }
        }
    }

    private static bool Divides(SizeExpression? e) => e is BinarySize b && (b.Operation is '/' or '\\' || Divides(b.Left) || Divides(b.Right));

    private static SizeExpression[]? Argument(Node node, int input, string attribute) =>
        node.Ints(attribute)?.Select(v => (SizeExpression)new ConstantSize(v, null)).ToArray() ?? node.Input(input)?.Elements;

    private static Axis Cut(Node node, Flow flow, Axis axis, SizeExpression? start, SizeExpression? end, long step, int i)
    {
        if (axis.Extent is not { } extent)
        {
            return AxisSystem.NewAxis(null);
        }

        if (step > 1 && start?.Known >= 0 && start.Known < step && end?.Known is { } last && (last < 0 ? last + extent : last) >= extent && extent % step == 0
            && Stride(node, flow, axis, step) is { } outer)
        {
            if (last == extent)
            {
                AddSlot(node, flow, 2, "ends", i, end, new AxisSize(axis));
            }

            return outer;
        }

        if (start?.Known is not { } from || end?.Known is not { } to || step != 1)
        {
            // A table of which the first so many are taken may go on for longer.
            bool table = Origins.IsTable(node.Input(0)!) && step == 1;
            flow.Freeze(axis, node, $"{node.Display} takes a range of it that is known only when it runs", table ? FreezeKind.Lookup : FreezeKind.Fixed);
            if (table)
            {
                flow.Ranges.Add(axis);
            }

            return AxisSystem.NewAxis(null);
        }

        from = Math.Clamp(from < 0 ? from + extent : from, 0, extent);
        to = Math.Clamp(to < 0 ? to + extent : to, 0, extent);
        if (from == 0 && to == extent)
        {
            if (end.Known < extent)
            {
                return axis;
            }

            if (end.Known == extent)
            {
                AddSlot(node, flow, 2, "ends", i, end, new AxisSize(axis));
            }

            return axis;
        }

        if (from >= to)
        {
            flow.Freeze(axis, node, $"{node.Display} takes an empty range of it");
            return AxisSystem.NewAxis(0);
        }

        long[] sizes = [.. new[] { from, to - from, extent - to }.Where(s => s > 0)];
        Axis[]? parts = CutAtKnownPlaces(axis, from, to);
        if (parts is null)
        {
            // Cutting a part of its own out of an axis that nothing else cuts there, such as one token: the axis stays whole.
            bool free = axis.Resolve() is [Concatenation] || extent % (to - from) == 0 || IsShared(node, i, extent);
            parts = free && to - from > 1 ? AxisCut.Into(axis, sizes, flow) : null;
            if (parts is null)
            {
                string why = $"{node.Display} takes entries {from} to {to - 1} of it";
                Axis range = AxisSystem.NewAxis(to - from);
                flow.Freeze(axis, node, why);
                flow.Freeze(range, node, why);
                return range;
            }

            parts = from > 0 ? parts : [Axis.One, .. parts];
            SizeExpression? before = from > 0 ? new AxisSize(parts[0]) : null;
            return Finish(node, flow, i, start, end, before, parts[1]);
        }

        return Finish(node, flow, i, start, end, from > 0 ? SumOf(parts[..^1]) : null, parts[^1]);
    }

    /// <summary>Every so manieth entry (pairs of rotary embeddings, 2i beside 2i + 1): the axis is groups of so many.</summary>
    private static Axis? Stride(Node node, Flow flow, Axis axis, long step)
    {
        List<Factor> groups = axis.Resolve();
        List<Factor>? inner = flow.System.Take(groups, step, fromEnd: true);
        if (inner is null)
        {
            return null;
        }

        flow.Freeze(new Axis([.. inner]), node, string.Create(CultureInfo.InvariantCulture, $"{node.Display} takes one of {step} entries each"));
        return new Axis([.. groups]);
    }

    /// <summary>Whether the slices of a value share all of an axis among them: "q | k | v", with fewer keys than queries.</summary>
    private static bool IsShared(Node node, int i, long extent)
    {
        if (Argument(node, 3, "axes")?[i].Known is not { } axis)
        {
            return false;
        }

        var ranges = new List<(long From, long To)>();
        foreach (Node other in node.Input(0)!.Consumers.Select(u => u.Node).Distinct())
        {
            bool alike = other.Is("Slice") && Argument(other, 3, "axes") is [{ Known: { } same }] && same == axis
                && Argument(other, 4, "steps") is null or [{ Known: 1 }];
            if (!alike || Argument(other, 1, "starts") is not [{ Known: { } from }] || Argument(other, 2, "ends") is not [{ Known: { } to }])
            {
                continue;
            }

            ranges.Add((from < 0 ? from + extent : from, Math.Min(to < 0 ? to + extent : to, extent)));
        }

        long at = 0;
        foreach ((long from, long to) in ranges.Distinct().Order())
        {
            at = from == at && to > from ? to : -1;
        }

        return at == extent;
    }

    /// <summary>Parts before the range, then the range itself, where the axis is already a concatenation cut there.</summary>
    private static Axis[]? CutAtKnownPlaces(Axis axis, long from, long to)
    {
        if (axis.Resolve() is not [Concatenation concatenation])
        {
            return null;
        }

        var before = new List<Axis>();
        var range = new List<Axis>();
        long at = 0;
        foreach (Axis part in Flat(concatenation))
        {
            if (part.Extent is not { } extent)
            {
                return null;
            }

            if (at + extent <= from)
            {
                before.Add(part);
            }
            else if (at >= from && at + extent <= to)
            {
                range.Add(part);
            }
            else if (at < to)
            {
                return null;
            }

            at += extent;
        }

        return range.Count == 0 ? null : [.. before, range.Count == 1 ? range[0] : new Axis(new Concatenation([.. range]))];
    }

    /// <summary>The parts, those that are concatenations themselves replaced by theirs.</summary>
    private static IEnumerable<Axis> Flat(Concatenation concatenation) =>
        concatenation.Parts.SelectMany(p => p.Resolve() is [Concatenation inner] ? Flat(inner) : [p]);

    private static Axis Finish(Node node, Flow flow, int i, SizeExpression start, SizeExpression end, SizeExpression? before, Axis part)
    {
        if (before is not null)
        {
            AddSlot(node, flow, 1, "starts", i, start, before);
        }

        if (end.Known < int.MaxValue)
        {
            SizeExpression size = new AxisSize(part);
            AddSlot(node, flow, 2, "ends", i, end, before is null ? size : new BinarySize('+', before, size));
        }

        return part;
    }

    private static SizeExpression SumOf(IEnumerable<Axis> parts) =>
        parts.Select(p => (SizeExpression)new AxisSize(p)).Aggregate((a, b) => new BinarySize('+', a, b));

    private static void AddSlot(Node node, Flow flow, int input, string attribute, int i, SizeExpression given, SizeExpression required)
    {
        bool isAttribute = node.Ints(attribute) is not null;
        if (given.Known >= 0)
        {
            flow.Slots.Add(new SizeSlot(node, isAttribute ? -1 : input, isAttribute ? attribute : null, i, given, required));
        }
    }

    private static void SetElements(Node node, Flow flow, SizeExpression[]? starts, SizeExpression[]? ends, SizeExpression[] over, SizeExpression[]? steps)
    {
        if (node.Input(0)!.Elements is not { } elements || over is not [{ Known: 0 or -1 }] || node.Input(0)!.Axes!.Length != 1
            || starts?[0].Known is not { } start || ends?[0].Known is not { } end || steps?[0].Known is not (null or 1))
        {
            return;
        }

        int from = (int)Math.Clamp(start < 0 ? start + elements.Length : start, 0, elements.Length);
        int to = (int)Math.Clamp(end < 0 ? end + elements.Length : end, from, elements.Length);
        Analysis.Flow.Set(node.Output(0), AxisSystem.NewAxis(to - from));
        Analysis.Flow.SetElements(node.Output(0), elements[from..to]);
    }
}
