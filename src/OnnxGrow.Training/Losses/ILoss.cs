using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Losses;

/// <summary>Writes a loss, and its gradient by the model's outputs, behind a forward graph.</summary>
internal interface ILoss
{
    /// <summary>Writes it.</summary>
    /// <exception cref="CannotTrainException">The model has no output that suits.</exception>
    LossGraph Emit(LossEmitter at);

    /// <summary>The cross-entropy that labels go to; null for losses without labels.</summary>
    CrossEntropy? Labelled => null;
}

/// <summary>What a loss has written.</summary>
/// <param name="Loss">The loss, a float32 scalar: the mean over what counts.</param>
/// <param name="Seeds">Its gradients by outputs of the model.</param>
/// <param name="Count">How many entries count, a float32 scalar: means of several batches are weighted with it.</param>
/// <param name="Correct">How many of them are predicted right, a float32 scalar; null where that means nothing.</param>
internal sealed record LossGraph(string Loss, IReadOnlyDictionary<string, string> Seeds, string Count, string? Correct);

/// <summary>What a loss is written with.</summary>
internal sealed class LossEmitter(GraphWriter writer, ValueTable values, IReadOnlyList<string> outputs, string scale, bool measures)
    : GraphWriter(writer)
{
    /// <summary>A scalar that all gradients are to be multiplied with.</summary>
    public string Scale => scale;

    /// <summary>Whether <see cref="LossGraph.Correct"/> is asked for.</summary>
    public bool Measures => measures;

    /// <summary>Inputs that the loss adds to the model's.</summary>
    public List<(string Name, ElementType Type, long[] Dims)> Added { get; } = [];

    /// <summary>Adds an input, whose extents in the trial run are given.</summary>
    public string AddInput(string name, ElementType type, long[] dims)
    {
        Claim(name);
        Added.Add((name, type, dims));
        values.Add(name, type, dims);
        return name;
    }

    /// <summary>The output that the loss is of.</summary>
    /// <param name="name">Its name; null for the only one, or the one that is called logits.</param>
    /// <exception cref="CannotTrainException">There is no such output.</exception>
    public string OutputOf(string? name) => OutputOf(name, outputs, values);

    /// <summary>The output of a model that a loss is of.</summary>
    /// <param name="name">Its name; null for the only one, or the one that is called logits.</param>
    /// <param name="outputs">The model's outputs.</param>
    /// <param name="values">What is known of its values.</param>
    /// <exception cref="CannotTrainException">There is no such output.</exception>
    public static string OutputOf(string? name, IReadOnlyList<string> outputs, ValueTable values)
    {
        string? found = name is not null ? outputs.FirstOrDefault(o => o == name)
            : outputs.Count == 1 ? outputs[0]
            : outputs.FirstOrDefault(o => o.Contains("logits", StringComparison.OrdinalIgnoreCase))
                ?? outputs.Where(o => ElementTypes.IsGrowable(values.TypeOf(o))).FirstOrDefault();
        return found ?? throw new CannotTrainException(
            ErrorCode.Loss, $"the loss is to be of the output '{Text.Name(name ?? "logits")}', and the model's outputs are {string.Join(", ", outputs.Select(Text.Name))}; name one of them as 'output' of the loss");
    }

    /// <summary>A value's extents in the trial run.</summary>
    public long[] DimsOf(string name) => values.DimsOf(name);
}
