using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Engine;

/// <summary>What runs the steps of a training run. Weights and optimizer state live in it between steps.</summary>
public interface ITrainingEngine : IDisposable
{
    /// <summary>Names of the inputs that a batch gives.</summary>
    IReadOnlyList<string> DataInputs { get; }

    /// <summary>What gradients are multiplied with until the update undoes it; 1 where nothing is narrow.</summary>
    double LossScale { get; set; }

    /// <summary>Loss and gradients of some batches, whose mean is taken; nothing is changed but the gradients.</summary>
    /// <param name="batches">Tensors by input.</param>
    /// <returns>The loss of each.</returns>
    IReadOnlyList<double> Accumulate(IReadOnlyList<IReadOnlyDictionary<string, RuntimeTensor>> batches);

    /// <summary>Updates weights and state by the gradients of the last <see cref="Accumulate"/>.</summary>
    /// <param name="step">The step, 1 for the first.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>
    /// The norm of the gradients, before they were clipped. With a loss scale nothing has changed where it is no finite number.
    /// </returns>
    double Update(long step, double rate);

    /// <summary>Loss, entries and right predictions of one batch.</summary>
    (double Loss, double Count, double Correct) Evaluate(IReadOnlyDictionary<string, RuntimeTensor> batch);

    /// <summary>All weights and state by name: a weight by its own, state by the weight's and the rule's (`W/exp_avg`).</summary>
    IReadOnlyList<string> TensorNames { get; }

    /// <summary>Reads a weight or state tensor.</summary>
    RuntimeTensor Read(string name);

    /// <summary>Replaces a weight or state tensor.</summary>
    void Write(string name, RuntimeTensor tensor);

    /// <summary>The tensor that a batch has for an input.</summary>
    /// <exception cref="BadInputException">It has none.</exception>
    internal static RuntimeTensor TensorOf(IReadOnlyDictionary<string, RuntimeTensor> batch, string input) =>
        batch.TryGetValue(input, out RuntimeTensor? tensor) ? tensor
        : throw new BadInputException(ErrorCode.Option, $"a batch has no tensor for the input '{Text.Name(input)}'; it has {string.Join(", ", batch.Keys.Select(Text.Name))}");
}
