using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>
/// Lifts a model to float64: the same graph, computed so finely that two models that are equal in real arithmetic agree
/// to 1e-12. Weights are read through <see cref="TensorData.ReadDoubles"/>, so that a recipe gives its value before it is
/// rounded; operators that ONNX Runtime has no float64 kernel for, or that round an attribute, become primitive ones.
/// </summary>
public static class Float64Lift
{
    /// <summary>Makes the float64 form of a model. Names of inputs, outputs and values stay.</summary>
    /// <param name="model">The model; it must stay open as long as the result is used, and is not changed.</param>
    /// <param name="exactAttributes">Values of float attributes of <paramref name="model"/> before they were rounded, by identity.</param>
    /// <exception cref="NotVerifiedException">The model uses something that has no float64 form; the message names it.</exception>
    public static OnnxModel Lift(OnnxModel model, IReadOnlyDictionary<AttributeProto, double>? exactAttributes = null) =>
        GraphLift.Lift(model, LiftOptions.ToFloat64, exactAttributes);
}
