namespace OnnxGrow.Growth;

/// <summary>How exact a rule is; ordered, the worse the larger (growth-math, exactness classes).</summary>
public enum Exactness
{
    /// <summary>B0: bit-exact on any kernel, nothing is rounded anew.</summary>
    BitExact = 0,

    /// <summary>B1: every stored weight is exact and the identity holds on the stored weights; sums run in another order.</summary>
    ExactWeights = 1,

    /// <summary>R: an identity in real arithmetic; some stored weight is rounded.</summary>
    Rounded = 2,

    /// <summary>A: approximate even in real arithmetic, with a known bound.</summary>
    Approximate = 3,

    /// <summary>L: lossy.</summary>
    Lossy = 4,
}
