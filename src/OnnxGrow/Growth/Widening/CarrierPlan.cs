using OnnxGrow.Analysis;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Widening;

/// <summary>What the entries beyond the whole copies hold (growth-math, section 1).</summary>
internal enum TailKind
{
    /// <summary>More copies, from the first entry on.</summary>
    Circular,

    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>The mean of all source entries.</summary>
    Average,

    /// <summary>What is new altogether, such as the logits of new tokens: nothing that the source has depends on it.</summary>
    Append,
}

/// <summary>How one carrier grows: k whole copies, then a tail, all times a scale.</summary>
internal sealed class CarrierPlan(Carrier carrier, long source, long target)
{
    private bool? _meetsRmsNorm;

    public Carrier Carrier { get; } = carrier;

    public int Source { get; } = checked((int)source);

    public int Target { get; } = checked((int)target);

    public TailKind Kind { get; set; }

    public double Scale { get; set; } = 1;

    /// <summary>The source entry of every copy, where it was drawn; null where the copies go round in turn.</summary>
    public int[]? Drawn { get; set; }

    /// <summary>Whether the source's entries may be there only once.</summary>
    public bool OneCopy { get; set; }

    /// <summary>Where the tail holds weighted means (rule 3.15): the weight of each source entry.</summary>
    public double[]? Weights { get; set; }

    /// <summary>Whether an RMSNorm reads or writes it. Every weight of a stream asks, and it may pass thousands of norms.</summary>
    public bool MeetsRmsNorm => _meetsRmsNorm ??= Carrier.NormInputs.Concat(Carrier.NormOutputs).Any(n => n.Kind == Analysis.Norms.NormKind.RmsNorm);

    /// <summary>Whole copies of the source.</summary>
    public int Copies => OneCopy ? 1 : Target / Source;

    /// <summary>Entries beyond the whole copies.</summary>
    public int Tail => Target - (Copies * Source);

    /// <summary>s = kD/E of growth-math: how much of a norm's sum the copies alone are.</summary>
    public double Share => Kind == TailKind.Circular ? 1 : (double)(Copies * Source) / Target;

    public AxisExpansion ToExpansion(double scale)
    {
        if (Drawn is not null)
        {
            return new AxisExpansion(Source, Drawn, [], scale);
        }

        int[] map = new int[Target];
        for (int j = 0; j < Target; j++)
        {
            bool tail = j >= Copies * Source;
            map[j] = !tail || Kind == TailKind.Circular ? j % Source : Kind == TailKind.Average ? -2 : AxisExpansion.Zero;
        }

        bool averages = Kind == TailKind.Average && Tail > 0;
        return new AxisExpansion(Source, map, averages ? [new AverageBlock(0, Source)] : [], scale, averages ? Weights : null);
    }

    public AxisExpansion ToExpansion() => ToExpansion(Scale);

    /// <summary>P as a gain meets it: entries beyond the copies are its own matter.</summary>
    public AxisExpansion ToGainExpansion()
    {
        AxisExpansion expansion = ToExpansion(1);
        int[] map = [.. expansion.Map.ToArray().Select(j => j < 0 ? AxisExpansion.Zero : j)];
        return new AxisExpansion(Source, map, []);
    }

    /// <summary>Whether both carry a vector in the same way.</summary>
    public bool Equals(CarrierPlan other) =>
        Source == other.Source && Target == other.Target && Scale == other.Scale && Copies == other.Copies
        && (Tail == 0 || Kind == other.Kind) && (Weights is null || Weights == other.Weights)
        && (Drawn is null) == (other.Drawn is null);
}
