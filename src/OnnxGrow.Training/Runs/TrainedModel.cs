using System.Globalization;
using Onnx;
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
        HashSet<string> names = [.. engine.TensorNames];
        Dictionary<string, TiedWeight> tied = ties.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(trained.Proto.Graph))
        {
            tied.TryGetValue(name, out TiedWeight? tie);
            if (tie is not null || names.Contains(name))
            {
                // Narrow weights were trained as float32; the file keeps its type.
                RuntimeTensor read = engine.Read(tie?.Of ?? name);
                RuntimeTensor weight = (tie is { Transposed: true } ? Transposed(read) : read).ConvertTo((ElementType)tensor.DataType);
                trained.SetData(tensor, new MemoryTensorData(weight.ElementType, weight.Bytes));
            }
        }

        StringStringEntryProto? known = trained.Proto.MetadataProps.FirstOrDefault(m => m.Key == Metadata);
        if (known is null)
        {
            trained.Proto.MetadataProps.Add(known = new StringStringEntryProto { Key = Metadata });
        }

        long before = long.TryParse(known.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long earlier) ? earlier : 0;
        known.Value = (before + steps).ToString(CultureInfo.InvariantCulture);
        trained.Save(path);
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
