using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Growth.Widening;

/// <summary>
/// Chooses P for every carrier that grows, so that every operator on it is kept: tails by what norms and non-linearities
/// allow (rules 2.1, 2.5, 2.7), scales by tied weights (rule 3.11).
/// </summary>
internal sealed class ExpansionSolver
{
    private readonly TargetSizes _targets;
    private readonly CarrierTable _carriers;
    private readonly Dictionary<Carrier, CarrierPlan> _plans = [];
    private readonly Dictionary<Carrier, bool> _shared = [];
    private bool _lossless = true;

    private ExpansionSolver(CarrierTable carriers, TargetSizes targets)
    {
        _carriers = carriers;
        _targets = targets;
    }

    public IReadOnlyDictionary<Carrier, CarrierPlan> Plans => _plans;

    /// <summary>Products with a tied weight whose input must be scaled by a node of its own: node and factor.</summary>
    public Dictionary<Node, double> InputScales { get; } = [];

    public static ExpansionSolver Solve(CarrierTable carriers, TargetSizes targets, GrowthSettings settings)
    {
        var solver = new ExpansionSolver(carriers, targets);
        foreach (Carrier carrier in carriers.All)
        {
            if (carrier.HasActivation && targets.Grows(carrier.Size))
            {
                var plan = new CarrierPlan(carrier, carrier.Root.Extent!.Value, targets.Of(carrier.Root));
                if (targets.DimensionOf(carrier.Size) is { Growth: DimensionGrowth.Append })
                {
                    plan.OneCopy = true;
                    plan.Kind = TailKind.Append;
                    CheckAppended(plan);
                }

                solver._plans.Add(carrier, plan);
            }
        }

        solver._lossless = settings.Method.Maps != Methods.IndexMaps.Random;
        solver.ChooseTails();
        solver.CheckNormsOverProducts();
        RandomMaps.Choose(solver._plans, targets, settings);
        solver.ChooseScales();
        solver.CheckProducts();
        solver.CheckSums();
        return solver;
    }

    /// <summary>New entries must not reach what the old ones are computed from.</summary>
    private static void CheckAppended(CarrierPlan plan)
    {
        Node? node = plan.Carrier.Contracted.FirstOrDefault()?.Node ?? plan.Carrier.NormInputs.FirstOrDefault()?.Last;
        if (node is not null)
        {
            throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                $"{plan.Source} -> {plan.Target}: {node.Display} sums over the axis, so new entries would change what the old ones give"));
        }
    }

    private void ChooseTails()
    {
        CarrierPlan[] expanded = [.. _plans.Values.Where(p => p.Kind != TailKind.Append)];
        var needs = new NeedTable(expanded.Select(p => p.Carrier));
        needs.Settle();

        // A sum over two activations (q k^T) counts every copy of an entry that both hold: one of the two holds it once,
        // and zeros beyond (rule 3.3).
        foreach (CarrierPlan plan in expanded)
        {
            foreach (ContractionLink link in plan.Carrier.Contracted)
            {
                if (!link.IsLeft && !link.IsWeight && !link.OtherIsWeight && _plans.ContainsKey(link.Other) && !IsShared(plan.Carrier) && !IsShared(link.Other))
                {
                    needs.RequireOneCopy(link.Other, plan.Carrier);
                    needs.Settle();
                }
            }
        }

        foreach (CarrierPlan plan in expanded.Where(p => p.Carrier.SummedBy.Any(s => !s.IsLinear || !IsShared(p.Carrier))))
        {
            needs.RequireOneCopy(plan.Carrier, plan.Carrier);
            needs.Settle();
        }

        foreach (CarrierPlan plan in expanded)
        {
            CarrierNeed need = needs.Of(plan.Carrier);
            plan.OneCopy = need.HasFlag(CarrierNeed.OneCopy);
            if (plan.Tail > 0)
            {
                plan.Kind = Choose(plan, need);
            }
        }

        foreach (CarrierPlan plan in expanded)
        {
            WeighAverage(plan);
        }
    }

    /// <summary>Copies whose shares a Softmax has counted already add up to one (rule 3.17).</summary>
    private bool IsShared(Carrier carrier)
    {
        if (!_shared.TryGetValue(carrier, out bool shared))
        {
            shared = carrier.SoftmaxOf is not null
                || carrier.Products.Any(l => l.Output == carrier && (l.Left.SoftmaxOf ?? l.Right.SoftmaxOf) is not null);
            _shared.Add(carrier, shared);
        }

        return shared;
    }

    private TailKind Choose(CarrierPlan plan, CarrierNeed needs)
    {
        bool average = needs.HasFlag(CarrierNeed.OnlyAverage);
        bool zero = needs.HasFlag(CarrierNeed.OnlyZero);
        if ((average && (zero || needs.HasFlag(CarrierNeed.NoAverage))) || (zero && needs.HasFlag(CarrierNeed.NoZero)))
        {
            // A lossy method copies, as if no norm were there.
            return !_lossless ? TailKind.Circular : throw Refuse(plan, average, zero);
        }

        return average ? TailKind.Average : zero ? TailKind.Zero : TailKind.Circular;
    }

    /// <summary>
    /// A gain whose output holds the mean in its tail (LayerScale before a LayerNorm's stream, rule 3.15): the input's tail
    /// holds the mean that the gain has weighted, and the gain's tail is 1.
    /// </summary>
    private void WeighAverage(CarrierPlan plan)
    {
        foreach (GainLink link in plan.Carrier.WrittenBy.Where(l => l.Norm is null && _lossless))
        {
            if (plan.Kind != TailKind.Average || plan.Tail == 0 || _plans.GetValueOrDefault(link.Input) is not { } input)
            {
                continue;
            }

            bool alone = link.Input.ReadBy.Count == 1 && link.Input.NormInputs.Count == 0 && link.Input.Products.Count == 0
                && link.Input.NormOutputs.Count == 0 && link.Input.Contracted.Count == 0
                && (link.Input.Needs & (CarrierNeed.OnlyAverage | CarrierNeed.OnlyZero | CarrierNeed.OneCopy)) == 0;
            double[]? gain = alone ? ConstantVector.Of(link.WeightValue, _carriers.Graph) : null;
            if (gain is null || gain.Length != input.Source)
            {
                throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                    $"{_targets.DimensionOf(plan.Carrier.Size)?.Name} {plan.Source} -> {plan.Target}: {link.Node.Display} scales what it adds to a stream that a LayerNorm reads, and its scale is no constant of its own (rule 3.15); nearest lossless widths: {plan.Copies * plan.Source}, {(plan.Copies + 1) * plan.Source}"));
            }

            input.Kind = TailKind.Average;
            input.Weights = gain;
        }
    }

    private CannotGrowException Refuse(CarrierPlan plan, bool average, bool zero)
    {
        string what = average && zero ? "Post-LayerNorm" : "this graph";
        string name = _targets.DimensionOf(plan.Carrier.Size)?.Name ?? "the dimension";
        IEnumerable<string> reasons = plan.Carrier.Reasons
            .Where(r => (average && r.What.HasFlag(CarrierNeed.OnlyAverage)) || (zero && r.What.HasFlag(CarrierNeed.OnlyZero))
                || r.What.HasFlag(CarrierNeed.NoZero) || r.What.HasFlag(CarrierNeed.NoAverage))
            .Select(r => r.Why).Distinct().Take(2);
        long below = (long)plan.Copies * plan.Source;
        return new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
            $"{name} {plan.Source} -> {plan.Target}: not lossless for {what}; nearest lossless widths: {below}, {below + plan.Source}, {below + (2L * plan.Source)} (the entries beyond whole copies would have to satisfy both: {string.Join("; ", reasons)})"));
    }

    /// <summary>A norm over several dimensions weighs every entry alike: only whole copies and zeros keep that.</summary>
    private void CheckNormsOverProducts()
    {
        foreach (CarrierPlan plan in _plans.Values.Where(p => p.Tail > 0 && p.Kind != TailKind.Zero && p.Kind != TailKind.Append))
        {
            if (plan.Carrier.NormInputs.FirstOrDefault(n => n.AxisOf(n.Input)!.Atoms().Skip(1).Any()) is { } norm)
            {
                throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                    $"{_targets.DimensionOf(plan.Carrier.Size)?.Name} {plan.Source} -> {plan.Target}: {norm.Display} runs over it together with another dimension; nearest lossless sizes: {plan.Copies * plan.Source}, {(plan.Copies + 1) * plan.Source}"));
            }
        }
    }

    /// <summary>What a sum over two activations gives must be what it gave: P_left^T P_right = 1 (rule 3.3).</summary>
    private void CheckProducts()
    {
        foreach (CarrierPlan plan in _plans.Values.Where(p => p.Kind != TailKind.Append))
        {
            foreach (ContractionLink link in plan.Carrier.Contracted)
            {
                if (link.IsWeight || link.OtherIsWeight || _plans.GetValueOrDefault(link.Other) is not { } other)
                {
                    continue;
                }

                bool once = IsOnce(plan) || IsOnce(other);
                double counted = plan.Scale * other.Scale * (once ? 1 : plan.Copies);
                bool whole = once || (plan.Tail == 0 && other.Tail == 0 && plan.Copies == other.Copies);
                if (!whole || Math.Abs(counted - 1) > 1e-15)
                {
                    string name = _targets.DimensionOf(plan.Carrier.Size)?.Name ?? "the dimension";
                    throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                        $"{name} {plan.Source} -> {plan.Target}: {link.Node.Display} sums over it between two activations, and neither can hold its entries just once with zeros beyond (rule 3.3)"));
                }
            }
        }
    }

    /// <summary>The same for a sum over one activation.</summary>
    private void CheckSums()
    {
        foreach (CarrierPlan plan in _plans.Values.Where(p => p.Kind != TailKind.Append && p.Carrier.SummedBy.Count > 0))
        {
            bool linear = plan.Carrier.SummedBy.All(s => s.IsLinear);
            bool kept = IsOnce(plan) ? plan.Scale == 1 : linear && plan.Tail == 0 && Math.Abs((plan.Scale * plan.Copies) - 1) <= 1e-15;
            if (!kept)
            {
                throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                    $"{_targets.DimensionOf(plan.Carrier.Size)?.Name} {plan.Source} -> {plan.Target}: {plan.Carrier.SummedBy[0].Node.Display} sums over it, which counts every copy"));
            }
        }
    }

    private static bool IsOnce(CarrierPlan plan) => plan.Copies == 1 && (plan.Tail == 0 || plan.Kind == TailKind.Zero);

    private void ChooseScales()
    {
        foreach (CarrierPlan plan in _plans.Values)
        {
            if (plan.Carrier.SoftmaxOf is { } softmax)
            {
                Share(plan, _plans[softmax.Input], softmax.Node);
            }
        }

        // What norms without a gain give is scaled before anything that counts it: products, and tied weights.
        foreach (CarrierPlan plan in _plans.Values)
        {
            foreach (NormInstance norm in plan.Carrier.NormOutputs)
            {
                if (norm.Gain is null && ShareOf(norm) is var share and < 1)
                {
                    Scale(plan, 1 / Math.Sqrt(share), norm.Last);
                }
            }
        }

        ScaleProducts();
        foreach (CarrierPlan plan in _plans.Values)
        {
            foreach (ContractionLink link in plan.Carrier.Contracted)
            {
                // A tied weight: the constant that sums over this carrier is also written into one, so its copies are whole.
                if (link is { IsWeight: false, OtherIsWeight: true } && link.Other.HasActivation)
                {
                    Tie(plan, _plans[link.Other], link.Node);
                }
            }
        }
    }

    /// <summary>A Softmax over m copies of everything gives each copy an m-th (rule 3.17).</summary>
    private void Share(CarrierPlan output, CarrierPlan input, Node node)
    {
        if (input.Tail > 0 || output.Tail > 0)
        {
            string name = _targets.DimensionOf(output.Carrier.Size)?.Name ?? "the dimension";
            throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                $"{name} {output.Source} -> {output.Target}: {node.Display} normalises over it, so only whole copies of all keep what it gives (rule 3.17); nearest lossless sizes: {output.Copies * output.Source}, {(output.Copies + 1) * output.Source}"));
        }

        Scale(output, 1.0 / output.Copies, node);
    }

    /// <summary>A product's scale is that of its factors together.</summary>
    private void ScaleProducts()
    {
        foreach (ProductLink link in _plans.Keys.SelectMany(c => c.Products).Distinct().OrderBy(l => l.Node.Index))
        {
            double scale = _plans[link.Left].Scale * _plans[link.Right].Scale;
            if (scale != 1)
            {
                Scale(_plans[link.Output], scale, link.Node);
            }
        }
    }

    /// <summary>How much of a norm's sum the copies alone are, counted on every dimension that it runs over: kD/E for one.</summary>
    public double ShareOf(NormInstance norm) => norm.AxisOf(norm.Input) is { } axis ? ShareOf(axis, norm) : 1;

    /// <summary>The square of the scale of what a norm reads.</summary>
    public double PowerOf(NormInstance norm) =>
        norm.AxisOf(norm.Input)?.Atoms().Select(a => _plans.GetValueOrDefault(_carriers.Of(a))?.Scale ?? 1).Aggregate(1.0, (p, s) => p * s * s) ?? 1;

    private double ShareOf(Axis axis, NormInstance norm)
    {
        double share = 1;
        foreach (Factor factor in axis.Resolve())
        {
            if (factor is Atom atom)
            {
                share *= _plans.GetValueOrDefault(_carriers.Of(atom))?.Share ?? 1;
                continue;
            }

            double[] parts = [.. ((Concatenation)factor).Parts.Select(p => ShareOf(p, norm))];
            share *= parts.All(p => p == parts[0]) ? parts[0] : throw new CannotGrowException(
                ErrorCode.Size, $"{norm.Display} runs over several parts that would grow differently, which would change what each weighs");
        }

        return share;
    }

    private void Tie(CarrierPlan activation, CarrierPlan weight, Node node)
    {
        bool zeroMeets = activation.Tail == 0 || activation.Kind == TailKind.Zero || weight.Kind == TailKind.Zero;
        if (!zeroMeets && _lossless)
        {
            throw new CannotGrowException(ErrorCode.Size, string.Create(CultureInfo.InvariantCulture,
                $"{_targets.DimensionOf(activation.Carrier.Size)?.Name} {activation.Source} -> {activation.Target}: {node.Display} uses a weight that is also an embedding, and neither side can hold zeros beyond whole copies; nearest lossless widths: {activation.Copies * activation.Source}, {(activation.Copies + 1) * activation.Source}"));
        }

        // Copies drawn at random are not equally many; their mean number is as near as a single factor comes.
        double copies = _lossless ? activation.Copies : (double)activation.Target / activation.Source;
        double wanted = 1.0 / (copies * weight.Scale);
        if (activation.Carrier != weight.Carrier && CanScale(activation))
        {
            Scale(activation, wanted, node);
        }
        else
        {
            InputScales[node] = wanted / activation.Scale;
        }
    }

    /// <summary>
    /// Whether constants alone decide the scale: every writer is a weight or a norm, every reader a weight that can take the
    /// inverse.
    /// </summary>
    private static bool CanScale(CarrierPlan plan) =>
        (plan.Carrier.Needs & CarrierNeed.NoScale) == 0
        && plan.Carrier.NormInputs.Count == 0
        && plan.Carrier.ReadBy.Count == 0
        && plan.Carrier.WrittenBy.All(w => w.Norm is not null)
        && plan.Carrier.NormOutputs.All(n => n.Gain is not null)
        && plan.Carrier.ResidualSums == 0;

    private static void Scale(CarrierPlan plan, double scale, Node node)
    {
        if (plan.Scale != 1 && plan.Scale != scale)
        {
            throw new CannotGrowException(ErrorCode.Size, $"{node.Display} needs another scale of its input than the weights tied with it");
        }

        plan.Scale = scale;
    }
}
