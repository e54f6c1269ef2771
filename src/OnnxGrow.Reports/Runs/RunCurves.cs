using OnnxGrow.Training.Runs;

namespace OnnxGrow.Reports.Runs;

/// <summary>The curves of a run, thinned out while its log is read.</summary>
internal sealed class RunCurves
{
    /// <summary>Most points of a curve.</summary>
    public const int MostPoints = 2000;

    /// <summary>Steps that a smoothed loss runs over: this part of all, but at least <see cref="FewestSmoothed"/>.</summary>
    private const double SmoothedPart = 0.02;

    private const int FewestSmoothed = 5;

    /// <summary>Early on it runs over no more than this part of the steps so far.</summary>
    private const double EarlyPart = 0.1;

    private readonly SeriesThinner _loss = new(MostPoints);
    private readonly SeriesThinner _smooth = new(MostPoints / 2);
    private readonly SeriesThinner _validation = new(MostPoints / 2);
    private readonly SeriesThinner _norm = new(MostPoints / 2);
    private readonly SeriesThinner _rate = new(MostPoints / 2);
    private double _smoothed;
    private long _counted;

    private RunCurves()
    {
    }

    /// <summary>The training loss of each step.</summary>
    public IReadOnlyList<SeriesPoint> Loss => _loss.Points();

    /// <summary>The same, smoothed.</summary>
    public IReadOnlyList<SeriesPoint> Smoothed => _smooth.Points();

    /// <summary>The loss on the validation data.</summary>
    public IReadOnlyList<SeriesPoint> Validation => _validation.Points();

    /// <summary>The norm of the gradients.</summary>
    public IReadOnlyList<SeriesPoint> Norm => _norm.Points();

    /// <summary>The learning rate.</summary>
    public IReadOnlyList<SeriesPoint> Rate => _rate.Points();

    /// <summary>The last step; null where there was none.</summary>
    public LogEntry? Last { get; private set; }

    /// <summary>The smoothed loss at the last step.</summary>
    public double? LastSmoothed => _counted == 0 ? null : _smoothed;

    /// <summary>The first validation.</summary>
    public LogEntry? FirstValidation { get; private set; }

    /// <summary>The last validation.</summary>
    public LogEntry? LastValidation { get; private set; }

    /// <summary>The validation with the lowest loss.</summary>
    public LogEntry? BestValidation { get; private set; }

    /// <summary>The first step whose loss is no finite number; null where all are.</summary>
    public long? Broken { get; private set; }

    /// <summary>Reads a log.</summary>
    /// <exception cref="BadInputException">It is the log of no run.</exception>
    public static RunCurves Read(string log, CancellationToken cancellation)
    {
        long lines = 0;
        foreach (LogEntry _ in TrainingLog.Stream(log))
        {
            lines++;
            cancellation.ThrowIfCancellationRequested();
        }

        if (lines == 0)
        {
            throw new BadInputException(ErrorCode.Run, $"the log '{Text.Name(log)}' has no step in it yet; wait for the run's first line");
        }

        double window = Math.Max(FewestSmoothed, lines * SmoothedPart);
        var curves = new RunCurves();
        foreach (LogEntry entry in TrainingLog.Stream(log))
        {
            curves.Add(entry, window);
            cancellation.ThrowIfCancellationRequested();
        }

        return curves;
    }

    private void Add(LogEntry entry, double window)
    {
        if (entry.ValidationLoss is { } validation)
        {
            FirstValidation ??= entry;
            LastValidation = entry;
            BestValidation = BestValidation is null || validation < BestValidation.ValidationLoss ? entry : BestValidation;
            Add(_validation, entry, validation);
        }

        if (entry.Loss is { } loss)
        {
            Last = entry;
            Add(_loss, entry, loss);
            if (double.IsFinite(loss))
            {
                // A mean whose weights fall off behind. It is short at the beginning, where the loss falls fast, and grows to the window.
                _counted++;
                _smoothed += (loss - _smoothed) / Math.Min(window, 1 + ((_counted - 1) * EarlyPart));
                Add(_smooth, entry, _smoothed);
            }
            else
            {
                Broken ??= entry.Step;
            }
        }

        Add(_norm, entry, entry.GradientNorm);
        Add(_rate, entry, entry.Rate);
    }

    private static void Add(SeriesThinner to, LogEntry entry, double? value)
    {
        if (value is { } v && double.IsFinite(v))
        {
            to.Add(new SeriesPoint(entry.Step, entry.Seconds ?? 0, entry.Entries ?? 0, v));
        }
    }
}
