using OnnxGrow.Onnx;
using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Preparation;

/// <summary>Inputs in the float types that a model declares, where they were made for another form of it.</summary>
internal static class DeclaredTypes
{
    /// <summary>The same inputs; floats that the model takes in another type are converted.</summary>
    public static Dictionary<string, RuntimeTensor> Of(OnnxModel model, IReadOnlyDictionary<string, RuntimeTensor> inputs)
    {
        var types = model.Proto.Graph.Input.ToDictionary(i => i.Name, i => (ElementType)(i.Type?.TensorType?.ElemType ?? 0), StringComparer.Ordinal);
        return inputs.ToDictionary(
            i => i.Key,
            i => i.Value.IsFloat && types.GetValueOrDefault(i.Key) is var type && ElementTypes.IsGrowable(type) ? i.Value.ConvertTo(type) : i.Value,
            StringComparer.Ordinal);
    }
}
