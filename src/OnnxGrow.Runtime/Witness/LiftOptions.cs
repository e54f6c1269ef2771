using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>What a lift makes of a model.</summary>
/// <param name="FloatType">The type that narrower floats become: float64 or float32.</param>
/// <param name="Lowers">Which nodes are written as primitive operators, where there is a lowering.</param>
/// <param name="MustRun">Whether what has no form in the wider type is refused.</param>
/// <param name="Suffix">What new names end with.</param>
internal sealed record LiftOptions(ElementType FloatType, Func<NodeProto, bool> Lowers, bool MustRun, string Suffix)
{
    /// <summary>Everything that ONNX Runtime has no float64 kernel for, or that rounds, is lowered.</summary>
    public static LiftOptions ToFloat64 { get; } = new(ElementType.Float64, _ => true, true, "f64");

    /// <summary>Whether elements of this type become wider ones.</summary>
    public bool IsLifted(ElementType type) =>
        type is ElementType.Float16 or ElementType.BFloat16 || (type == ElementType.Float32 && FloatType == ElementType.Float64);
}
