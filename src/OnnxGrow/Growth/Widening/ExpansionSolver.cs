using System.Globalization;
using OnnxGrow.Analysis;
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
                solver._plans.Add(carrier, new CarrierPlan(carrier, carrier.Root.Extent!.Value, targets.Of(carrier.Root)));
            }
        }

        solver._lossless = settings.Method.Maps != Methods.IndexMaps.Random;
        if (solver._lossless)
        {
            solver.CheckNormsOverProducts();
            solver.ChooseTails();
        }

        RandomMaps.Choose(solver._plans.Values, targets, settings);
        solver.CheckProducts();
        solver.ChooseScales();
        return solver;
    }

    private void ChooseTails()
    {
        Dictionary<Carrier, CarrierNeed> needs = _plans.Keys.ToDictionary(c => c, c => c.Needs);

        // A gain hands on zeros and copies as they are: both of its sides have the same tail.
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (GainLink link in _plans.Keys.SelectMany(c => c.ReadBy).Where(l => l.Norm is null))
            {
                const CarrierNeed Passed = CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.OnlyZero;
                CarrierNeed both = (needs[link.Input] | needs[link.Output]) & Passed;
                changed |= (needs[link.Input] & Passed) != both || (needs[link.Output] & Passed) != both;
                needs[link.Input] |= both;
                needs[link.Output] |= both;
            }
        }

        foreach (CarrierPlan plan in _plans.Values)
        {
            if (plan.Tail > 0)
            {
                plan.Kind = Choose(plan, needs[plan.Carrier]);
            }
        }
    }

    private TailKind Choose(CarrierPlan plan, CarrierNeed needs)
    {
        bool average = needs.HasFlag(CarrierNeed.OnlyAverage);
        bool zero = needs.HasFlag(CarrierNeed.OnlyZero);
        if ((average && (zero || needs.HasFlag(CarrierNeed.NoAverage))) || (zero && needs.HasFlag(CarrierNeed.NoZero)))
        {
            throw Refuse(plan, average, zero);
        }

        return average ? TailKind.Average : zero ? TailKind.Zero : TailKind.Circular;
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
        return new CannotGrowException(string.Create(CultureInfo.InvariantCulture,
            $"{name} {plan.Source} -> {plan.Target}: not lossless for {what}; nearest lossless widths: {below}, {below + plan.Source}, {below + (2L * plan.Source)} (the entries beyond whole copies would have to satisfy both: {string.Join("; ", reasons)})"));
    }

    /// <summary>A norm over a product of dimensions (heads x head size) weighs every entry alike: only whole copies keep that.</summary>
    private void CheckNormsOverProducts()
    {
        foreach (CarrierPlan plan in _plans.Values.Where(p => p.Tail > 0))
        {
            if (plan.Carrier.NormInputs.FirstOrDefault(n => n.Input.Axes![^1].Atoms().Skip(1).Any()) is { } norm)
            {
                throw new CannotGrowException(string.Create(CultureInfo.InvariantCulture,
                    $"{_targets.DimensionOf(plan.Carrier.Size)?.Name} {plan.Source} -> {plan.Target}: {norm.Display} runs over it together with another dimension; nearest lossless sizes: {plan.Copies * plan.Source}, {(plan.Copies + 1) * plan.Source}"));
            }
        }
    }

    /// <summary>A sum over two activations (q k^T) counts every copy: only whole sums may stay as they are.</summary>
    private void CheckProducts()
    {
        foreach (CarrierPlan plan in _plans.Values)
        {
            foreach (ContractionLink link in plan.Carrier.Contracted)
            {
                if (!link.IsWeight && !link.OtherIsWeight)
                {
                    string name = _targets.DimensionOf(plan.Carrier.Size)?.Name ?? "the dimension";
                    throw new CannotGrowException(
                        $"{name}: {link.Node.Display} sums over it between two activations; growing it needs another rule (3.3), which this version does not have; grow the heads instead");
                }
            }
        }
    }

    private void ChooseScales()
    {
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
    }

    /// <summary>kD/E of the carrier that a norm reads.</summary>
    public double ShareOf(NormInstance norm) => InputOf(norm)?.Share ?? 1;

    /// <summary>The plan of the carrier that a norm reads; null where it does not grow.</summary>
    public CarrierPlan? InputOf(NormInstance norm) => PlanOf(norm.Input);

    /// <summary>The plan of the carrier that a norm writes; null where it does not grow.</summary>
    public CarrierPlan? OutputOf(NormInstance norm) => PlanOf(norm.Output);

    private CarrierPlan? PlanOf(Value value) =>
        value.Axes is [.., { } last] && last.Atoms().ToArray() is [var atom] ? _plans.GetValueOrDefault(_carriers.Of(atom)) : null;

    private void Tie(CarrierPlan activation, CarrierPlan weight, Node node)
    {
        bool zeroMeets = activation.Tail == 0 || activation.Kind == TailKind.Zero || weight.Kind == TailKind.Zero;
        if (!zeroMeets && _lossless)
        {
            throw new CannotGrowException(string.Create(CultureInfo.InvariantCulture,
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
            throw new CannotGrowException($"{node.Display} needs another scale of its input than the weights tied with it");
        }

        plan.Scale = scale;
    }
}
