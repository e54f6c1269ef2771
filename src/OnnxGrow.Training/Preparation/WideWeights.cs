using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Witness;

namespace OnnxGrow.Training.Preparation;

/// <summary>
/// Weights that a file holds in float64 and its graph casts to another type before it computes with them: they are trained in that of all
/// others, and written back as the file has them.
/// </summary>
internal static class WideWeights
{
    /// <summary>Gives such tensors the type of the training.</summary>
    /// <param name="model">The prepared model; it is changed.</param>
    /// <param name="type">The type that weights are trained in.</param>
    public static void Narrow(OnnxModel model, ElementType type)
    {
        if (type == ElementType.Float64)
        {
            return;
        }

        var readers = new GraphReaders(model.Proto.Graph);
        foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(model.Proto.Graph))
        {
            if ((ElementType)tensor.DataType == ElementType.Float64 && readers.Of(name).Count > 0 && IsCast(readers, name, 0))
            {
                model.SetData(tensor, new LiftedData(model.DataOf(tensor), type));
            }
        }
    }

    /// <summary>Whether nothing computes with a value before it is cast.</summary>
    private static bool IsCast(GraphReaders readers, string value, int depth) => depth < 8 && readers.Of(value).All(r =>
        r.Node.OpType == "Cast"
        || (r.Input == 0 && r.Node.OpType is "Identity" or "Reshape" or "Transpose" or "Squeeze" or "Unsqueeze" or "Flatten" or "Slice" && IsCast(readers, r.Node.Output[0], depth + 1)));
}
