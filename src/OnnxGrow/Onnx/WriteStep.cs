namespace OnnxGrow.Onnx;

/// <summary>
/// Every change of the disk passes here before it is made, so that tests can let each of them fail, or end the process
/// there. Without a hook it does nothing.
/// </summary>
internal static class WriteStep
{
    private static readonly AsyncLocal<Action<string>?> Current = new();

    /// <summary>What is called before each step, on this thread and those it starts.</summary>
    public static Action<string>? Hook
    {
        get => Current.Value;
        set => Current.Value = value;
    }

    /// <summary>Says that a step comes next.</summary>
    public static void Reach(string step) => Current.Value?.Invoke(step);
}
