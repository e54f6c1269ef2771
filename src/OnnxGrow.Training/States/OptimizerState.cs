using System.Globalization;
using System.Text.Json;
using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.States;

/// <summary>
/// What an optimizer keeps between steps, as a safetensors file: tensors `W/exp_avg`, `W/exp_avg_sq`, `W/momentum_buffer` of the
/// shape of the weight W, and in the header's texts the step, and the steps at which the state of single weights began.
/// Tensors that are named like a weight itself are passed over, so that a whole checkpoint may be given.
/// </summary>
public sealed class OptimizerState : IDisposable
{
    /// <summary>The text with the number of steps taken.</summary>
    public const string StepKey = "step";

    /// <summary>The text with the steps at which the state of single weights began: a JSON object of numbers by weight.</summary>
    public const string BornKey = "born";

    private readonly SafetensorsFile _file;

    private OptimizerState(SafetensorsFile file, long step, IReadOnlyDictionary<string, long> born, IReadOnlyList<Entry> entries)
    {
        _file = file;
        Step = step;
        Born = born;
        Entries = entries;
    }

    /// <summary>How many steps were taken.</summary>
    public long Step { get; }

    /// <summary>The step at which a weight's state began, by name, where that is not 0.</summary>
    public IReadOnlyDictionary<string, long> Born { get; }

    /// <summary>Everything else that the header says.</summary>
    public IReadOnlyDictionary<string, string> Texts => _file.Texts;

    internal IReadOnlyList<Entry> Entries { get; }

    /// <summary>One tensor of the state.</summary>
    internal sealed record Entry(string Weight, StateKind Kind, NamedTensor Tensor);

    /// <summary>Opens the state of a model's optimizer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model whose weights it is of.</param>
    /// <exception cref="BadInputException">It is no such file, or that of another model.</exception>
    public static OptimizerState Open(string path, OnnxModel model)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            var weights = new Dictionary<string, long[]>(StringComparer.Ordinal);
            foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(model.Proto.Graph))
            {
                weights[name] = [.. tensor.Dims];
            }

            string shown = Text.Name(path);
            Entry[] entries = [.. file.Tensors.Values.Where(t => !weights.ContainsKey(t.Name)).OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => EntryOf(shown, t, weights))];
            if (entries.Length == 0)
            {
                throw new BadInputException(ErrorCode.State, $"'{shown}' holds no state of an optimizer; its tensors should be named WEIGHT/KIND, of the kinds {Text.List(StateKind.Names)}");
            }

            return new OptimizerState(file, StepOf(shown, file), BornOf(shown, file), entries);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The texts of a header that say so much.</summary>
    internal static Dictionary<string, string> TextsOf(long step, IReadOnlyDictionary<string, long> born) => new(StringComparer.Ordinal)
    {
        [StepKey] = step.ToString(CultureInfo.InvariantCulture),
        [BornKey] = JsonSerializer.Serialize(new SortedDictionary<string, long>(born.ToDictionary(), StringComparer.Ordinal)),
    };

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static Entry EntryOf(string path, NamedTensor tensor, Dictionary<string, long[]> weights)
    {
        int at = tensor.Name.LastIndexOf('/');
        string weight = at > 0 ? tensor.Name[..at] : tensor.Name;
        if (!weights.TryGetValue(weight, out long[]? dims))
        {
            throw new BadInputException(ErrorCode.State, $"'{path}' has a tensor '{Text.Name(tensor.Name)}', and the model has no weight '{Text.Name(weight)}'; it should be the state of this model's optimizer");
        }

        if (StateKind.Of(tensor.Name[(at + 1)..]) is not { } kind)
        {
            throw new BadInputException(ErrorCode.State, $"'{path}' has a tensor '{Text.Name(tensor.Name)}' of a kind whose growth is not known; known are {Text.List(StateKind.Names)}");
        }

        return !tensor.Dims.SequenceEqual(dims)
            ? throw new BadInputException(ErrorCode.State, $"'{path}': '{Text.Name(tensor.Name)}' has the extents [{string.Join(", ", tensor.Dims)}], and the weight [{string.Join(", ", dims)}]")
            : !ElementTypes.IsGrowable(tensor.Data.ElementType)
            ? throw new BadInputException(ErrorCode.State, $"'{path}': '{Text.Name(tensor.Name)}' holds {tensor.Data.ElementType}; state is of floating-point numbers")
            : new Entry(weight, kind, tensor);
    }

    private static long StepOf(string path, SafetensorsFile file) =>
        file.Texts.TryGetValue(StepKey, out string? text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step
            : throw new BadInputException(ErrorCode.State, $"'{path}' does not say how many steps were taken; its header (__metadata__) should have '{StepKey}' with a number, such as \"1000\"");

    private static Dictionary<string, long> BornOf(string path, SafetensorsFile file)
    {
        if (!file.Texts.TryGetValue(BornKey, out string? text))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, long>>(text) ?? [];
        }
        catch (JsonException e)
        {
            throw new BadInputException(ErrorCode.State, $"'{path}': '{BornKey}' in its header should be a JSON object of steps by weight", e);
        }
    }
}
