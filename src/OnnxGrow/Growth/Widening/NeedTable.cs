using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Growth.Widening;

/// <summary>
/// What the carriers that grow need, with what gains, products and norms hand on from one to the other. Needs are only
/// ever added, so handing on comes to an end. Rules are gone through in one order, again and again; those whose carriers
/// have not changed since are left out, so that a long model takes no more per layer than a short one.
/// </summary>
internal sealed class NeedTable
{
    private readonly Dictionary<Carrier, CarrierNeed> _needs;
    private readonly List<Rule> _rules = [];
    private readonly Dictionary<Carrier, List<int>> _rulesOf = [];
    private SortedSet<int> _now = [];
    private SortedSet<int> _next;
    private int _at = int.MaxValue;

    public NeedTable(IEnumerable<Carrier> carriers)
    {
        Carrier[] all = [.. carriers];
        _needs = all.ToDictionary(c => c, c => c.Needs);
        var written = new Dictionary<NormInstance, Carrier>(ReferenceEqualityComparer.Instance);
        foreach (Carrier carrier in all)
        {
            foreach (NormInstance norm in carrier.NormOutputs)
            {
                written.TryAdd(norm, carrier);
            }
        }

        foreach (Carrier carrier in all)
        {
            foreach (GainLink link in carrier.ReadBy)
            {
                Add(new Rule(link.Norm is null ? RuleKind.Gain : RuleKind.Copies, link.Input, link.Output));
            }

            foreach (NormInstance norm in carrier.NormInputs)
            {
                if (norm.Gain is null && written.TryGetValue(norm, out Carrier? output))
                {
                    Add(new Rule(RuleKind.Copies, carrier, output));
                }
            }

            foreach (ProductLink link in carrier.Products)
            {
                Add(new Rule(RuleKind.Product, link.Left, link.Output, link.Right));
            }

            if (carrier.SoftmaxOf is { } softmax)
            {
                Add(new Rule(RuleKind.Copies, softmax.Input, carrier));
            }
        }

        _next = [.. Enumerable.Range(0, _rules.Count)];
    }

    private enum RuleKind
    {
        /// <summary>A gain hands on zeros and copies as they are: both of its sides have the same tail.</summary>
        Gain,

        /// <summary>A norm or a Softmax hands on how many copies there may be.</summary>
        Copies,

        /// <summary>A product of two activations.</summary>
        Product,
    }

    public CarrierNeed Of(Carrier carrier) => _needs[carrier];

    /// <summary>One of the two holds its entries once, with zeros beyond: the right one, unless its zeros are not kept.</summary>
    public void RequireOneCopy(Carrier left, Carrier right)
    {
        const CarrierNeed Once = CarrierNeed.OneCopy | CarrierNeed.OnlyZero;
        if (!_needs[left].HasFlag(Once) && !_needs[right].HasFlag(Once))
        {
            Add(HoldsZeros(right) || !HoldsZeros(left) ? right : left, Once);
        }
    }

    /// <summary>Hands needs on until nothing changes.</summary>
    public void Settle()
    {
        while (_next.Count > 0)
        {
            (_now, _next) = (_next, _now);
            while (_now.Count > 0)
            {
                _at = _now.Min;
                _now.Remove(_at);
                Apply(_rules[_at]);
            }
        }

        _at = int.MaxValue;
    }

    private void Add(Rule rule)
    {
        foreach (Carrier? carrier in new[] { rule.Input, rule.Output, rule.Other })
        {
            if (carrier is null)
            {
                continue;
            }

            if (!_rulesOf.TryGetValue(carrier, out List<int>? rules))
            {
                _rulesOf.Add(carrier, rules = []);
            }

            rules.Add(_rules.Count);
        }

        _rules.Add(rule);
    }

    private void Apply(Rule rule)
    {
        if (rule.Kind == RuleKind.Product)
        {
            Product(rule.Input, rule.Other!, rule.Output);
            return;
        }

        CarrierNeed passed = rule.Kind == RuleKind.Gain ? CarrierNeed.NoZero | CarrierNeed.OnlyZero | CarrierNeed.OneCopy : CarrierNeed.OneCopy;
        CarrierNeed both = (_needs[rule.Input] | _needs[rule.Output]) & passed;
        Add(rule.Input, both);
        Add(rule.Output, both);
    }

    private void Product(Carrier left, Carrier right, Carrier output)
    {
        const CarrierNeed Zeros = CarrierNeed.OnlyZero | CarrierNeed.OneCopy;
        Add(output, (_needs[left] | _needs[right]) & Zeros);
        if (_needs[output].HasFlag(CarrierNeed.NoZero))
        {
            Add(left, CarrierNeed.NoZero);
            Add(right, CarrierNeed.NoZero);
        }

        CarrierNeed wanted = _needs[output] & Zeros;
        bool has = ((_needs[left] & Zeros) == wanted) || ((_needs[right] & Zeros) == wanted);
        if (!has)
        {
            Add(HoldsZeros(left) || !HoldsZeros(right) ? left : right, wanted);
        }
    }

    private bool HoldsZeros(Carrier carrier) => !_needs[carrier].HasFlag(CarrierNeed.NoZero);

    /// <summary>Adds a need; rules on the carrier have their turn in this round where they come later, else in the next.</summary>
    private void Add(Carrier carrier, CarrierNeed need)
    {
        CarrierNeed before = _needs[carrier];
        if ((before | need) == before)
        {
            return;
        }

        _needs[carrier] = before | need;
        foreach (int rule in _rulesOf.GetValueOrDefault(carrier, []))
        {
            (rule > _at ? _now : _next).Add(rule);
        }
    }

    private sealed record Rule(RuleKind Kind, Carrier Input, Carrier Output, Carrier? Other = null);
}
