namespace OnnxGrow.Runtime.Reports.Checks;

/// <summary>One thing that was checked of two models.</summary>
/// <param name="Rule">The rule that it belongs to.</param>
/// <param name="Subject">The tensor or output that it is about; null where it is about the models as a whole.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">What was found, in a sentence; names from files are escaped in it.</param>
public sealed record ReportCheck(CheckRule Rule, string? Subject, CheckOutcome Outcome, string Message)
{
    /// <summary>The check in a few words: the rule, and the tensor or output, escaped.</summary>
    public string Name => Subject is null ? Rule.Title : $"{Rule.Title}: {Text.Name(Subject)}";
}
