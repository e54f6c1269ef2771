namespace OnnxGrow.Certificate;

/// <summary>Keeps the worst residual and the first entry that fails.</summary>
internal sealed class ResidualTracker
{
    /// <summary>The largest residual.</summary>
    public double MaxResidual { get; private set; }

    /// <summary>The bound at the entry of the largest residual.</summary>
    public double Bound { get; private set; }

    /// <summary>Position of the first entry that fails; -1 where none does.</summary>
    public long FirstFailure { get; private set; } = -1;

    /// <summary>The residual of the first failure.</summary>
    public double FailureResidual { get; private set; }

    /// <summary>The bound at the first failure; the largest float64 where an entry had only to be finite.</summary>
    public double FailureBound { get; private set; }

    /// <summary>Whether a sum that is as it should be is infinite or no number.</summary>
    public bool SumsNotFinite { get; set; }

    /// <summary>Takes a residual that may be within its bound.</summary>
    public void Note(double residual, double bound)
    {
        if (residual > MaxResidual)
        {
            MaxResidual = residual;
            Bound = bound;
        }
    }

    /// <summary>Takes one that is not.</summary>
    public void Fail(long position, double residual, double bound)
    {
        Note(residual, bound);
        if (FirstFailure < 0 || position < FirstFailure)
        {
            FirstFailure = position;
            FailureResidual = residual;
            FailureBound = bound;
        }
    }
}
