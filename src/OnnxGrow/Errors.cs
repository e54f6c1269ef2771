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
    private protected OnnxGrowException(ErrorCode code, ExitCode family, string message, Exception? inner)
        : base(message, inner) =>
        Code = code.ExitCode == family ? code : throw new ArgumentException($"{code} is no code of the family {family}", nameof(code));

    /// <summary>What kind of error it is.</summary>
    public ErrorCode Code { get; }

    /// <summary>The exit code that a command ends with for this error.</summary>
    public ExitCode ExitCode => Code.ExitCode;
}

/// <summary>A model file, a data file, a plan or an option cannot be used (exit code 2).</summary>
/// <param name="code">What kind of error it is, of this family.</param>
/// <param name="message">What is wrong, where, and what would be right.</param>
/// <param name="inner">What it comes from.</param>
public sealed class BadInputException(ErrorCode code, string message, Exception? inner = null) : OnnxGrowException(code, ExitCode.BadInput, message, inner)
{
    /// <summary>An error of no kind of its own.</summary>
    /// <param name="message">What is wrong, where, and what would be right.</param>
    /// <param name="inner">What it comes from.</param>
    public BadInputException(string message, Exception? inner = null)
        : this(ErrorCode.Input, message, inner)
    {
    }
}

/// <summary>The model cannot be grown as asked; the message gives the nearest that can (exit code 3).</summary>
/// <param name="code">What kind of error it is, of this family.</param>
/// <param name="message">What is wrong, where, and what would be right.</param>
/// <param name="inner">What it comes from.</param>
public sealed class CannotGrowException(ErrorCode code, string message, Exception? inner = null) : OnnxGrowException(code, ExitCode.CannotGrow, message, inner)
{
    /// <summary>An error of no kind of its own.</summary>
    /// <param name="message">What is wrong, where, and what would be right.</param>
    /// <param name="inner">What it comes from.</param>
    public CannotGrowException(string message, Exception? inner = null)
        : this(ErrorCode.Growth, message, inner)
    {
    }
}

/// <summary>Nothing could be proved, for a reason outside the models (exit code 4).</summary>
/// <param name="code">What kind of error it is, of this family.</param>
/// <param name="message">What is wrong, where, and what would be right.</param>
/// <param name="inner">What it comes from.</param>
public sealed class NotVerifiedException(ErrorCode code, string message, Exception? inner = null) : OnnxGrowException(code, ExitCode.NotVerified, message, inner)
{
    /// <summary>An error of no kind of its own.</summary>
    /// <param name="message">What is wrong, where, and what would be right.</param>
    /// <param name="inner">What it comes from.</param>
    public NotVerifiedException(string message, Exception? inner = null)
        : this(ErrorCode.Proof, message, inner)
    {
    }
}

/// <summary>The model cannot be trained as asked, or training went wrong; the message says where (exit code 5).</summary>
/// <param name="code">What kind of error it is, of this family.</param>
/// <param name="message">What is wrong, where, and what would be right.</param>
/// <param name="inner">What it comes from.</param>
public sealed class CannotTrainException(ErrorCode code, string message, Exception? inner = null) : OnnxGrowException(code, ExitCode.CannotTrain, message, inner)
{
    /// <summary>An error of no kind of its own.</summary>
    /// <param name="message">What is wrong, where, and what would be right.</param>
    /// <param name="inner">What it comes from.</param>
    public CannotTrainException(string message, Exception? inner = null)
        : this(ErrorCode.Training, message, inner)
    {
    }
}
