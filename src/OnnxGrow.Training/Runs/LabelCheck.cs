using System.Globalization;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Runs;

/// <summary>
/// Labels must be classes of the model. ONNX counts an index below zero from the end, so that a wrong one would be learnt without a
/// word.
/// </summary>
internal sealed class LabelCheck
{
    private readonly string _output;
    private readonly long _classes;
    private readonly long _ignored;

    private LabelCheck(string output, long classes, long ignored) => (_output, _classes, _ignored) = (output, classes, ignored);

    /// <summary>The check of a model's labels; null for losses without any.</summary>
    public static LabelCheck? Of(TrainableModel model, ILoss loss)
    {
        if (loss.Labelled is not { } labelled)
        {
            return null;
        }

        string output = LossEmitter.OutputOf(labelled.Output, [.. model.Forward.Proto.Graph.Output.Select(o => o.Name)], model.Values);
        return new LabelCheck(output, model.Values.DimsOf(output).LastOrDefault(), labelled.IgnoreIndex);
    }

    /// <summary>How many labels of a batch count.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="where">Which it is, for messages.</param>
    /// <exception cref="BadInputException">A label is no class of the model.</exception>
    public long Count(IReadOnlyDictionary<string, RuntimeTensor> batch, string where)
    {
        long count = 0;
        foreach (double label in batch[CrossEntropy.Labels].ToDoubles())
        {
            if (label == _ignored)
            {
                continue;
            }

            if (label < 0 || label >= _classes)
            {
                throw new BadInputException(ErrorCode.Data, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{where}: the label {label} is no class of the model, whose output '{Text.Name(_output)}' has {_classes}; labels are from 0 to {_classes - 1}, or {_ignored} where none counts (loss.ignore_index)"));
            }

            count++;
        }

        return count;
    }
}
