using OnnxGrow.Analysis;

namespace OnnxGrow.Growth.Widening;

/// <summary>
/// What the carriers that grow need, with what gains, products and norms hand on from one to the other. Needs are only
/// ever added, so handing on comes to an end.
/// </summary>
internal sealed class NeedTable
{
    private readonly Dictionary<Carrier, CarrierNeed> _needs;

    public NeedTable(IEnumerable<Carrier> carriers) => _needs = carriers.ToDictionary(c => c, c => c.Needs);

    public CarrierNeed Of(Carrier carrier) => _needs[carrier];

    /// <summary>One of the two holds its entries once, with zeros beyond: the right one, unless its zeros are not kept.</summary>
    public void RequireOneCopy(Carrier left, Carrier right)
    {
        const CarrierNeed Once = CarrierNeed.OneCopy | CarrierNeed.OnlyZero;
        if (!_needs[left].HasFlag(Once) && !_needs[right].HasFlag(Once))
        {
            _needs[HoldsZeros(right) || !HoldsZeros(left) ? right : left] |= Once;
        }
    }

    /// <summary>Hands needs on until nothing changes.</summary>
    public void Settle()
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (Carrier carrier in _needs.Keys.ToArray())
            {
                foreach (GainLink link in carrier.ReadBy)
                {
                    changed |= link.Norm is null ? Gain(link) : Norm(link.Input, link.Output);
                }

                foreach (Analysis.Norms.NormInstance norm in carrier.NormInputs)
                {
                    changed |= norm.Gain is null && NormOf(norm) is { } output && Norm(carrier, output);
                }

                foreach (ProductLink link in carrier.Products)
                {
                    changed |= Product(link);
                }

                changed |= carrier.SoftmaxOf is { } softmax && (Add(carrier, _needs[softmax.Input] & CarrierNeed.OneCopy) | Add(softmax.Input, _needs[carrier] & CarrierNeed.OneCopy));
            }
        }
    }

    /// <summary>A gain hands on zeros and copies as they are: both of its sides have the same tail.</summary>
    private bool Gain(GainLink link)
    {
        const CarrierNeed Passed = CarrierNeed.NoZero | CarrierNeed.OnlyZero | CarrierNeed.OneCopy;
        CarrierNeed both = (_needs[link.Input] | _needs[link.Output]) & Passed;
        return Add(link.Input, both) | Add(link.Output, both);
    }

    private bool Norm(Carrier input, Carrier output)
    {
        CarrierNeed both = (_needs[input] | _needs[output]) & CarrierNeed.OneCopy;
        return Add(input, both) | Add(output, both);
    }

    private Carrier? NormOf(Analysis.Norms.NormInstance norm) => _needs.Keys.FirstOrDefault(c => c.NormOutputs.Contains(norm));

    private bool Product(ProductLink link)
    {
        const CarrierNeed Zeros = CarrierNeed.OnlyZero | CarrierNeed.OneCopy;
        bool changed = Add(link.Output, (_needs[link.Left] | _needs[link.Right]) & Zeros);
        if (_needs[link.Output].HasFlag(CarrierNeed.NoZero))
        {
            changed |= Add(link.Left, CarrierNeed.NoZero) | Add(link.Right, CarrierNeed.NoZero);
        }

        CarrierNeed wanted = _needs[link.Output] & Zeros;
        bool has = ((_needs[link.Left] & Zeros) == wanted) || ((_needs[link.Right] & Zeros) == wanted);
        return changed | (!has && Add(HoldsZeros(link.Left) || !HoldsZeros(link.Right) ? link.Left : link.Right, wanted));
    }

    private bool HoldsZeros(Carrier carrier) => !_needs[carrier].HasFlag(CarrierNeed.NoZero);

    private bool Add(Carrier carrier, CarrierNeed need)
    {
        CarrierNeed before = _needs[carrier];
        _needs[carrier] = before | need;
        return _needs[carrier] != before;
    }
}
