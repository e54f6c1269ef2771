using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TorchSharp.Graph;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.TorchSharp;

/// <summary>Puts weights into the model that they came from.</summary>
internal static class WriteBack
{
    /// <summary>Replaces the elements of initializers and Constant nodes by name; each keeps the type that it is stored in.</summary>
    public static void Run(OnnxModel model, IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(model.Proto.Graph))
        {
            if (weights.TryGetValue(name, out Tensor? weight))
            {
                var stored = (ElementType)tensor.DataType;
                RuntimeTensor values = TorchTypes.ToRuntime(weight);
                model.SetData(tensor, new MemoryTensorData(stored, values.ConvertTo(stored).Bytes));
            }
        }
    }
}
