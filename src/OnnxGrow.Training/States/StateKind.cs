namespace OnnxGrow.Training.States;

/// <summary>What an optimizer keeps for each entry of a weight, by the name that PyTorch gives it.</summary>
/// <param name="Name">The name, the last part of a state tensor's: `W/exp_avg`.</param>
/// <param name="Power">The power of the gradient that it is a mean or a sum of.</param>
internal sealed record StateKind(string Name, int Power)
{
    private static readonly StateKind[] All =
    [
        new("exp_avg", 1), new("momentum_buffer", 1), new("exp_avg_sq", 2), new("max_exp_avg_sq", 2),
    ];

    /// <summary>The kinds that can grow.</summary>
    public static IEnumerable<string> Names => All.Select(k => k.Name);

    /// <summary>The kind of this name; null for one that is not known.</summary>
    public static StateKind? Of(string name) => Array.Find(All, k => k.Name == name);
}
