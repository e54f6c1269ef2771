using OnnxGrow.Explain;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Data;

/// <summary>Gives the inputs of a model what a batch has for them, by name; masks, positions and types are made where data have none.</summary>
public sealed class InputFeed
{
    private static readonly string[] Ids = [FieldNames.InputIds, "ids", "tokens", "input"];
    private static readonly string[] Pixels = [FieldNames.PixelValues, "pixels", "images", "image"];
    private static readonly string[] Masks = ["attention_mask", "input_mask", "mask"];
    private static readonly string[] Positions = ["position_ids", "positions"];
    private static readonly string[] Types = ["token_type_ids", "segment_ids"];

    private readonly List<(ModelInput Input, DataField Field, Made? Made)> _inputs = [];

    private enum Made
    {
        Ones,
        Positions,
        Zeros,
    }

    /// <summary>Decides what each input gets.</summary>
    /// <param name="inputs">The inputs of the model that must be fed.</param>
    /// <param name="fields">What the data offer.</param>
    /// <param name="names">Fields of inputs whose names do not tell, by input.</param>
    /// <exception cref="BadInputException">The data have nothing for an input, or something that does not fit.</exception>
    public InputFeed(IEnumerable<ModelInput> inputs, IReadOnlyList<DataField> fields, IReadOnlyDictionary<string, string>? names = null)
    {
        ModelInput[] all = [.. inputs];
        foreach ((string input, string field) in names ?? new Dictionary<string, string>())
        {
            if (!all.Any(i => i.Name == input))
            {
                throw new BadInputException(ErrorCode.Data, $"'inputs' names the input '{Text.Name(input)}', which the model has not{Nearest(input, all.Select(i => i.Name))}");
            }

            if (!fields.Any(f => f.Name == field))
            {
                throw new BadInputException(ErrorCode.Data, $"'inputs' gives the input '{Text.Name(input)}' the field '{Text.Name(field)}'; the data offer {Offered(fields)}");
            }
        }

        foreach (ModelInput input in all)
        {
            DataField? field = names is not null && names.TryGetValue(input.Name, out string? named)
                ? fields.First(f => f.Name == named)
                : FieldOf(input.Name, fields);
            _inputs.Add(field is not null ? (input, Fitting(input, field), null) : MadeFor(input, fields));
        }
    }

    /// <summary>The inputs of a batch.</summary>
    public IReadOnlyDictionary<string, RuntimeTensor> Of(Batch batch)
    {
        var fed = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        foreach ((ModelInput input, DataField field, Made? made) in _inputs)
        {
            RuntimeTensor tensor = batch.Tensors[field.Name];
            fed[input.Name] = (made is { } how ? Make(how, tensor, input) : tensor).ConvertTo(input.ElementType);
        }

        return fed;
    }

    private static DataField? FieldOf(string input, IReadOnlyList<DataField> fields) =>
        fields.FirstOrDefault(f => f.Name == input)
        ?? Alias(input, Ids, FieldNames.InputIds, fields)
        ?? Alias(input, Pixels, FieldNames.PixelValues, fields);

    private static DataField? Alias(string input, string[] aliases, string field, IReadOnlyList<DataField> fields) =>
        aliases.Contains(input, StringComparer.OrdinalIgnoreCase) ? fields.FirstOrDefault(f => f.Name == field) : null;

    private static (ModelInput Input, DataField Field, Made? Made) MadeFor(ModelInput input, IReadOnlyList<DataField> fields)
    {
        Made? made = Masks.Contains(input.Name, StringComparer.OrdinalIgnoreCase) ? Made.Ones
            : Positions.Contains(input.Name, StringComparer.OrdinalIgnoreCase) ? Made.Positions
            : Types.Contains(input.Name, StringComparer.OrdinalIgnoreCase) ? Made.Zeros
            : null;
        DataField? ids = fields.FirstOrDefault(f => f.Name == FieldNames.InputIds && f.SampleDims.Length == 1);
        if (made is null || ids is null)
        {
            throw new BadInputException(
                ErrorCode.Data, $"the model has the input '{Text.Name(input.Name)}', and the data have nothing for it; they offer {Offered(fields)}; name the field that it takes under 'inputs', as in inputs: {{{Text.Name(input.Name)}: {Text.Name(fields[0].Name)}}}");
        }

        bool fits = input.Dims.Count == 2 || (input.Dims.Count == 1 && made == Made.Positions);
        return fits && input.Dims[^1] is { } length && length != ids.SampleDims[0]
            ? throw new BadInputException(ErrorCode.Data, $"the model's input '{Text.Name(input.Name)}' is for sequences of {length}, and those of the data have {ids.SampleDims[0]}: set 'sequence: {length}'")
            : fits
            ? (input, ids, made)
            : throw new BadInputException(ErrorCode.Data, $"the model's input {input} cannot be made from the sequences of the data: it would have to be [batch, sequence]");
    }

    private static DataField Fitting(ModelInput input, DataField field)
    {
        bool fits = input.Dims.Count == field.SampleDims.Length + 1;
        for (int i = 1; fits && i < input.Dims.Count; i++)
        {
            fits = input.Dims[i] is null || input.Dims[i] == field.SampleDims[i - 1];
        }

        if (!fits)
        {
            throw new BadInputException(ErrorCode.Data, $"the model's input {input} cannot take {field} of the data");
        }

        bool exact = ElementTypes.IsGrowable(input.ElementType) || !ElementTypes.IsGrowable(field.ElementType);
        return exact ? field : throw new BadInputException(ErrorCode.Data, $"the model's input {input} takes whole numbers, and {field} of the data has others");
    }

    private static RuntimeTensor Make(Made made, RuntimeTensor ids, ModelInput input)
    {
        (long rows, long length) = (made == Made.Positions && (input.Dims.Count == 1 || input.Dims[0] == 1) ? 1 : ids.Dims[0], ids.Dims[1]);
        long[] values = new long[rows * length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = made switch
            {
                Made.Ones => 1,
                Made.Positions => i % length,
                _ => 0,
            };
        }

        return RuntimeTensor.FromIntegers(input.ElementType, input.Dims.Count == 1 ? [length] : [rows, length], values);
    }

    private static string Offered(IReadOnlyList<DataField> fields) => Text.List(fields.Select(f => f.ToString()));

    private static string Nearest(string name, IEnumerable<string> names) =>
        NearestNames.To(name, names, 1) is [var near] ? $" (did you mean '{near}'?)" : "";
}
