namespace OnnxGrow.Runtime.Inputs;

/// <summary>One set of inputs.</summary>
/// <param name="Name">What is special about it ("batch 2, length 17").</param>
/// <param name="Inputs">A tensor for each graph input, in the source's types.</param>
public sealed record InputCase(string Name, IReadOnlyDictionary<string, RuntimeTensor> Inputs);

/// <summary>The inputs that a comparison runs on, and what they cover.</summary>
public sealed record InputSet
{
    /// <summary>The cases.</summary>
    public required IReadOnlyList<InputCase> Cases { get; init; }

    /// <summary>What each graph input was taken for; empty where the inputs were given.</summary>
    public IReadOnlyList<InputMeaning> Inputs { get; init; } = [];

    /// <summary>What was decided and what is not covered, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
