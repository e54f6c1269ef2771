using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Widening;

/// <summary>What each axis of a weight does, and by which expansion it grows.</summary>
internal sealed class WeightShapes(CarrierTable carriers, ExpansionSolver solver, TargetSizes targets)
{
    // Most weights share a stream's expansion: each is made once, however many there are.
    private readonly Dictionary<CarrierPlan, AxisExpansion> _expansions = [];
    private readonly Dictionary<CarrierPlan, AxisExpansion> _gains = [];
    private readonly Dictionary<int, AxisExpansion> _identities = [];
    private FreeFill? _free;
    private double _offset;

    /// <summary>The axes of a weight's recipe, and the factor that its gains bring; null where nothing of it grows.</summary>
    public (RecipeAxis[] Axes, double Factor, SortedSet<string> Rules, FreeFill? Free, double Offset)? Of(Value weight)
    {
        if (weight.Axes is not { } axes || !axes.Any(targets.Grows))
        {
            return null;
        }

        if (weight.Tensor is { } tensor)
        {
            LongAxes.Check(tensor, weight.Name);
        }

        double factor = 1;
        _free = null;
        _offset = 0;
        var rules = new SortedSet<string>(StringComparer.Ordinal);
        var result = new RecipeAxis[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            Part part = Combine(axes[i], weight, i, rules);
            result[i] = new RecipeAxis(part.Role, part.Expansion);
            factor *= part.Factor;
        }

        return (result, factor, rules, _free, _offset);
    }

    /// <summary>P along each axis of an activation; null along axes that do not grow.</summary>
    public System.Collections.Immutable.ImmutableArray<AxisExpansion?> ExpansionsOf(Value activation)
    {
        var rules = new SortedSet<string>(StringComparer.Ordinal);
        return [.. activation.Axes!.Select((a, i) => targets.Grows(a) ? Combine(a, activation, i, rules).Expansion : null)];
    }

    private Part Combine(Axis axis, Value weight, int index, SortedSet<string> rules)
    {
        Part whole = Unchanged(1);
        foreach (Factor factor in axis.Resolve())
        {
            Part part = factor is Atom atom ? OfAtom(atom, weight, index, rules) : OfConcatenation((Concatenation)factor, weight, index, rules);
            whole = new Part(Join(whole.Role, part.Role, weight), AxisExpansion.Product(whole.Expansion, part.Expansion), whole.Factor * part.Factor);
        }

        return whole;
    }

    private Part OfConcatenation(Concatenation concatenation, Value weight, int index, SortedSet<string> rules)
    {
        Part[] parts = [.. concatenation.Parts.Select(p => Combine(p, weight, index, rules))];
        AxisRole role = parts.Aggregate(AxisRole.Keep, (r, p) => Join(r, p.Role, weight));
        if (parts.Any(p => p.Factor != parts[0].Factor))
        {
            throw new CannotGrowException(ErrorCode.Weight, $"the parts of axis {index} of '{Text.Name(weight.Name)}' are gains of different scales");
        }

        return new Part(role, AxisExpansion.Concat([.. parts.Select(p => p.Expansion)]), parts[0].Factor);
    }

    private Part OfAtom(Atom atom, Value weight, int index, SortedSet<string> rules)
    {
        if (!targets.Grows(atom.Size))
        {
            return Unchanged(checked((int)(atom.Extent ?? throw new CannotGrowException(
                ErrorCode.Weight, $"axis {index} of '{Text.Name(weight.Name)}' has no known extent"))));
        }

        Carrier carrier = carriers.Of(atom);
        if (targets.DimensionOf(atom.Size) is { Growth: DimensionGrowth.Append } appended)
        {
            rules.Add(appended.Role == DimensionRole.Positions ? "3.13" : "3.12");
            var plan = new CarrierPlan(carrier, atom.Extent!.Value, targets.Of(atom)) { OneCopy = true, Kind = TailKind.Append };
            return new Part(AxisRole.Append, Expansion(plan), 1);
        }

        if (carrier.HasActivation)
        {
            CarrierPlan plan = PlanOf(carrier, weight, index);
            rules.Add(WriterRule(plan, targets.DimensionOf(atom.Size)));
            if (plan.Scale != 1)
            {
                rules.Add("3.11");
            }

            return new Part(AxisRole.Writer, Expansion(plan), 1);
        }

        if (carrier.Contracted.Count > 0)
        {
            rules.Add("0.1");
            return new Part(AxisRole.Reader, Expansion(Reader(carrier, weight, index)), 1);
        }

        if (carrier.GainOf.Count > 0)
        {
            return Gain(carrier, weight, index, rules);
        }

        throw new CannotGrowException(
            ErrorCode.Weight, $"'{Text.Name(weight.Name)}' has a growing axis ({index}) of which nothing in the graph says how it is used");
    }

    /// <summary>The rule by which a writer's rows grow: that of the norms where there is a tail, that of copies elsewhere.</summary>
    private static string WriterRule(CarrierPlan plan, Dimension? dimension)
    {
        if (plan.Weights is not null)
        {
            return "3.15";
        }

        if (plan.Tail > 0 && plan.Kind != TailKind.Circular && dimension?.Role != DimensionRole.HeadDim)
        {
            return plan.MeetsRmsNorm ? "2.5" : "2.1";
        }

        return dimension?.Role switch
        {
            DimensionRole.Heads => "3.1",
            DimensionRole.HeadDim => "3.3",
            DimensionRole.Experts => "3.17",
            _ => "0.2",
        };
    }

    private CarrierPlan Reader(Carrier carrier, Value weight, int index)
    {
        CarrierPlan? plan = null;
        foreach (ContractionLink link in carrier.Contracted)
        {
            if (!link.Other.HasActivation || (carrier.Needs & ~CarrierNeed.NoScale) != 0)
            {
                throw new CannotGrowException(
                    ErrorCode.Weight, $"'{Text.Name(weight.Name)}' (axis {index}) passes an operator that is not linear before {link.Node.Display} sums over it, so its copies cannot share its entries");
            }

            if (!solver.Plans.TryGetValue(link.Other, out CarrierPlan? other))
            {
                throw new CannotGrowException(
                    ErrorCode.Weight, $"'{Text.Name(weight.Name)}' (axis {index}) is summed over by {link.Node.Display} with an activation whose extent does not grow with it");
            }

            if (plan is not null && !plan.Equals(other))
            {
                throw new CannotGrowException(
                    ErrorCode.Weight, $"'{Text.Name(weight.Name)}' (axis {index}) reads two activations that grow differently; give each its own copy of the weight");
            }

            plan = other;
        }

        return plan!;
    }

    private Part Gain(Carrier carrier, Value weight, int index, SortedSet<string> rules)
    {
        double? factor = null;
        CarrierPlan? plan = null;
        foreach (GainLink link in carrier.GainOf)
        {
            CarrierPlan output = PlanOf(link.Output, weight, index);
            CarrierPlan input = PlanOf(link.Input, weight, index);
            double f = link.Norm is { } norm
                ? output.Scale * Math.Sqrt(solver.ShareOf(norm))
                : output.Scale / input.Scale;
            rules.Add(link.Norm is { } n ? (n.Kind == Analysis.Norms.NormKind.LayerNorm ? "2.1" : "2.5") : "3.15");
            if (output.Scale != 1)
            {
                rules.Add("3.11");
            }

            if (factor is { } before && (before != f || !SameMap(plan!, output)))
            {
                throw new CannotGrowException(
                    ErrorCode.Weight, $"the gain '{Text.Name(weight.Name)}' (axis {index}) is shared by places that grow differently; give each its own copy");
            }

            if (input.Weights is not null)
            {
                _free = FreeFill.One;
            }

            if (f != 1 && carrier.Needs.HasFlag(CarrierNeed.NoScale))
            {
                // 1 + w times f is 1 + w' with w' = f (1 + w) - 1.
                (Value Leaf, double Number)? added = link.WeightValue is { } used ? AddedNumber.Of(used, carriers.Graph) : null;
                _offset = added is { } a && a.Leaf.InitializerName == weight.InitializerName ? a.Number : throw new CannotGrowException(
                    ErrorCode.Weight, $"the gain '{Text.Name(weight.Name)}' (axis {index}) passes {carrier.Reasons.FirstOrDefault(r => r.What.HasFlag(CarrierNeed.NoScale))?.Node.Display} before it is used, so it cannot be scaled as its norm needs; give a whole multiple");
            }

            factor = f;
            plan = output;
        }

        return new Part(AxisRole.Gain, GainExpansion(plan!), factor ?? 1);
    }

    private CarrierPlan PlanOf(Carrier carrier, Value weight, int index) =>
        solver.Plans.GetValueOrDefault(carrier) ?? throw new CannotGrowException(
            ErrorCode.Weight, $"'{Text.Name(weight.Name)}' has a growing axis ({index}) beside an activation whose extent does not grow with it");

    private static bool SameMap(CarrierPlan a, CarrierPlan b) =>
        a.Target == b.Target && a.Copies == b.Copies && (a.Tail == 0 || a.Kind == b.Kind)
        && (a.Drawn is null) == (b.Drawn is null);

    private Part Unchanged(int extent)
    {
        if (!_identities.TryGetValue(extent, out AxisExpansion? identity))
        {
            _identities.Add(extent, identity = AxisExpansion.Identity(extent));
        }

        return new Part(AxisRole.Keep, identity, 1);
    }

    private AxisExpansion Expansion(CarrierPlan plan)
    {
        if (!_expansions.TryGetValue(plan, out AxisExpansion? expansion))
        {
            _expansions.Add(plan, expansion = plan.ToExpansion());
        }

        return expansion;
    }

    private AxisExpansion GainExpansion(CarrierPlan plan)
    {
        if (!_gains.TryGetValue(plan, out AxisExpansion? expansion))
        {
            _gains.Add(plan, expansion = plan.ToGainExpansion());
        }

        return expansion;
    }

    private static AxisRole Join(AxisRole a, AxisRole b, Value weight) =>
        a == AxisRole.Keep ? b : b == AxisRole.Keep || a == b ? a
        : throw new CannotGrowException(ErrorCode.Weight, $"an axis of '{Text.Name(weight.Name)}' is used in two ways at once ({a} and {b})");

    private sealed record Part(AxisRole Role, AxisExpansion Expansion, double Factor);
}
