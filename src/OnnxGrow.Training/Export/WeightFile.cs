using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Export;

/// <summary>Writes a model's weights to a file that other frameworks read, and takes them back from one.</summary>
public static class WeightFile
{
    /// <summary>The formats, by the name that the option takes.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["safetensors", "npz"];

    /// <summary>The file with the map, beside the weights.</summary>
    public static string MapOf(string path) => path + ".json";

    /// <summary>Writes all weights, and the map beside them. Elements are as the model stores them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Where to.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="options">Threads, memory and so on.</param>
    /// <returns>The map.</returns>
    /// <exception cref="BadInputException">The file cannot be written, or the format has no such type.</exception>
    public static WeightMap Write(OnnxModel model, string path, string format, SaveOptions? options = null)
    {
        WeightMap map = WeightMap.Of(model);
        options ??= new SaveOptions();
        IEnumerable<NamedTensor> tensors = map.Weights.Select(w => new NamedTensor(w.Name, w.Dims, model.DataOf(w.Tensor)));
        switch (format)
        {
            case "safetensors":
                SafetensorsFile.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt" }, options);
                break;
            case "npz":
                NpzFile.Write(path, tensors, options.Cancellation);
                break;
            default:
                throw new BadInputException(ErrorCode.WeightFile, $"the format '{Text.Name(format)}' is not known; there are {Text.List(Formats)}");
        }

        WholeFile.WriteText(MapOf(path), map.ToJson(Path.GetFileName(model.SourcePath ?? ""), Path.GetFileName(path)));
        return map;
    }

    /// <summary>
    /// Puts the weights of a file in the place of a model's own. The file has all of them, by the names that <see cref="Write"/>
    /// gives, in the extents and types of the model.
    /// </summary>
    /// <param name="model">The model; it is changed.</param>
    /// <param name="path">The file, .npz or .safetensors by what it begins with.</param>
    /// <returns>What must stay open until the model was saved.</returns>
    /// <exception cref="BadInputException">The file is not of this model; everything that differs is named.</exception>
    public static IDisposable Read(OnnxModel model, string path)
    {
        (IReadOnlyDictionary<string, NamedTensor> tensors, IDisposable file) = Open(path);
        try
        {
            WeightMap map = WeightMap.Of(model);
            string[] wrong = [.. map.Weights.Select(w => WrongOf(w, tensors)).OfType<string>()
                .Concat(tensors.Keys.Except(map.Weights.Select(w => w.Name)).Order(StringComparer.Ordinal).Select(n => $"'{Text.Name(n)}' is the name of no weight"))];
            if (wrong.Length > 0)
            {
                const int Shown = 8;
                string more = wrong.Length > Shown ? FormattableString.Invariant($"; and {wrong.Length - Shown} more") : "";
                throw new BadInputException(ErrorCode.WeightFile, $"'{Text.Name(path)}' does not hold the weights of this model as 'export' writes them: {string.Join("; ", wrong.Take(Shown))}{more}");
            }

            foreach (WeightEntry weight in map.Weights)
            {
                model.SetData(weight.Tensor, tensors[weight.Name].Data);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string? WrongOf(WeightEntry weight, IReadOnlyDictionary<string, NamedTensor> tensors)
    {
        string name = Text.Name(weight.Name);
        return !tensors.TryGetValue(weight.Name, out NamedTensor? tensor) ? $"'{name}' is missing"
            : !tensor.Dims.SequenceEqual(weight.Dims) ? $"'{name}' has the extents [{string.Join(", ", tensor.Dims)}] instead of [{string.Join(", ", weight.Dims)}]"
            : tensor.Data.ElementType != weight.ElementType ? $"'{name}' holds {tensor.Data.ElementType} instead of {weight.ElementType}"
            : null;
    }

    private static (IReadOnlyDictionary<string, NamedTensor> Tensors, IDisposable File) Open(string path)
    {
        byte[] start = new byte[2];
        try
        {
            using FileStream file = File.OpenRead(path);
            file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.WeightFile, $"'{Text.Name(path)}': {Text.Name(e.Message)}", e);
        }

        if (start is [(byte)'P', (byte)'K'])
        {
            var npz = NpzFile.Open(path);
            return (npz.Tensors, npz);
        }

        var safetensors = SafetensorsFile.Open(path);
        return (safetensors.Tensors, safetensors);
    }
}
