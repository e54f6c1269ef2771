namespace OnnxGrow;

/// <summary>What a run of the command ends with; the numbers are a promise to scripts.</summary>
public enum ExitCode
{
    /// <summary>Done; where two models were compared, they are equivalent.</summary>
    Success = 0,

    /// <summary>The models are not equivalent; of a check of what can learn: some of the model will never.</summary>
    NotEquivalent = 1,

    /// <summary>A file, an option or a plan cannot be used as it is.</summary>
    BadInput = 2,

    /// <summary>The model is sound, but cannot be grown as asked.</summary>
    CannotGrow = 3,

    /// <summary>Nothing could be proved (for example, no runtime for the provider asked for).</summary>
    NotVerified = 4,

    /// <summary>The model is sound, but cannot be trained as asked, or training went wrong (a loss that is no number).</summary>
    CannotTrain = 5,

    /// <summary>A bug of OnnxGrow's own.</summary>
    InternalError = 70,
}

/// <summary>
/// Base of every error that is the caller's to mend. The message says what is wrong, where (file, node, tensor,
/// option) and what would be right, in one line.
/// </summary>
public abstract class OnnxGrowException : Exception
{
    private protected OnnxGrowException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>The exit code that a command ends with for this error.</summary>
    public abstract ExitCode ExitCode { get; }
}

/// <summary>A model file, a data file, a plan or an option cannot be used (exit code 2).</summary>
public sealed class BadInputException(string message, Exception? inner = null) : OnnxGrowException(message, inner)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.BadInput;
}

/// <summary>The model cannot be grown as asked; the message gives the nearest that can (exit code 3).</summary>
public sealed class CannotGrowException(string message, Exception? inner = null) : OnnxGrowException(message, inner)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.CannotGrow;
}

/// <summary>Nothing could be proved, for a reason outside the models (exit code 4).</summary>
public sealed class NotVerifiedException(string message, Exception? inner = null) : OnnxGrowException(message, inner)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.NotVerified;
}

/// <summary>The model cannot be trained as asked, or training went wrong; the message says where (exit code 5).</summary>
public sealed class CannotTrainException(string message, Exception? inner = null) : OnnxGrowException(message, inner)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.CannotTrain;
}
