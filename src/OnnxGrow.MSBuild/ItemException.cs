namespace OnnxGrow.MSBuild;

/// <summary>An item, or what the step is given, cannot be used as it is.</summary>
/// <param name="code">The error's code.</param>
/// <param name="message">What is wrong and what would be right.</param>
internal sealed class ItemException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
