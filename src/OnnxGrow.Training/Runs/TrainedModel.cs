using System.Globalization;
using Onnx;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Runs;

/// <summary>Writes trained weights back into the graph that they came from: nothing else of the model changes.</summary>
internal static class TrainedModel
{
    /// <summary>The metadata that says for how many steps a model was trained.</summary>
    public const string Metadata = "onnxgrow.trained_steps";

    /// <summary>Writes the model.</summary>
    public static void Write(OnnxModel source, ITrainingEngine engine, IReadOnlyList<TiedWeight> ties, long steps, string path)
    {
        using OnnxModel trained = source.Clone();
        PutBack(trained, [.. engine.TensorNames], engine.Read, ties);
        string? known = trained.Proto.MetadataProps.FirstOrDefault(m => m.Key == Metadata)?.Value;
        long before = long.TryParse(known, NumberStyles.None, CultureInfo.InvariantCulture, out long earlier) ? earlier : 0;
        PlanMetadata.Set(trained.Proto, Metadata, (before + steps).ToString(CultureInfo.InvariantCulture));
        trained.Save(path);
    }

    /// <summary>Replaces weights by their names, and what is computed from them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="names">The weights that can be read; other tensors stay.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="ties">Tensors that are computed from a weight.</param>
    public static void PutBack(OnnxModel model, HashSet<string> names, Func<string, RuntimeTensor> read, IReadOnlyList<TiedWeight> ties)
    {
        Dictionary<string, TiedWeight> tied = ties.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(model.Proto.Graph))
        {
            tied.TryGetValue(name, out TiedWeight? tie);
            if (names.Contains(tie?.Of ?? name))
            {
                // Narrow weights were trained as float32; the file keeps its type.
                RuntimeTensor found = read(tie?.Of ?? name);
                RuntimeTensor weight = (tie is { Transposed: true } ? Transposed(found) : found).ConvertTo((ElementType)tensor.DataType);
                model.SetData(tensor, new MemoryTensorData(weight.ElementType, weight.Bytes));
            }
        }
    }

    private static RuntimeTensor Transposed(RuntimeTensor tensor)
    {
        (long rows, long columns) = (tensor.Dims[0], tensor.Dims[1]);
        double[] values = tensor.ToDoubles();
        double[] turned = new double[values.Length];
        for (long r = 0; r < rows; r++)
        {
            for (long c = 0; c < columns; c++)
            {
                turned[(c * rows) + r] = values[(r * columns) + c];
            }
        }

        return RuntimeTensor.FromDoubles(tensor.ElementType, [columns, rows], turned);
    }
}
