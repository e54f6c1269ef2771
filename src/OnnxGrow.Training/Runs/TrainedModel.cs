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
    public static void Write(OnnxModel source, ITrainingEngine engine, long steps, string path)
    {
        using OnnxModel trained = source.Clone();
        HashSet<string> names = [.. engine.TensorNames];
        foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(trained.Proto.Graph))
        {
            if (names.Contains(name))
            {
                // Narrow weights were trained as float32; the file keeps its type.
                RuntimeTensor weight = engine.Read(name).ConvertTo((ElementType)tensor.DataType);
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
}
