using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>A model with some of its operators written as primitive ones, for what cannot treat them as they are.</summary>
public static class PrimitiveForm
{
    /// <summary>Makes the form. Names of inputs, outputs and values stay.</summary>
    /// <param name="model">The model; it must stay open as long as the result is used, and is not changed.</param>
    /// <param name="floatType">Float32 or float64: narrower floats become this, wider ones stay.</param>
    /// <param name="lowers">Which nodes to write as primitive operators, where that can be done; the others stay.</param>
    /// <exception cref="NotVerifiedException">A node that is to be lowered has no primitive form as it is used; the message says why.</exception>
    public static OnnxModel Of(OnnxModel model, ElementType floatType, Func<NodeProto, bool> lowers) =>
        floatType is ElementType.Float32 or ElementType.Float64
            ? GraphLift.Lift(model, new LiftOptions(floatType, lowers, false, "primitive"))
            : throw new ArgumentOutOfRangeException(nameof(floatType), floatType, "float32 or float64");
}
