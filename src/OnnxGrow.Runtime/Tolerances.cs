using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>Tolerances where none are asked for; see <see cref="EquivalenceOptions"/>.</summary>
internal static class Tolerances
{
    public static double Witness(EquivalenceOptions options, OnnxModel source, bool exactWeights) =>
        options.WitnessTolerance ?? (exactWeights ? 1e-12 : CoarsestType(source) switch
        {
            ElementType.Float16 => 1e-2,
            ElementType.BFloat16 => 5e-2,
            ElementType.Float64 => 1e-12,
            _ => 1e-6,
        });

    public static double AsShipped(EquivalenceOptions options, OnnxModel source) =>
        options.Tolerance ?? Math.Max(1, options.Depth) * CoarsestType(source) switch
        {
            ElementType.Float16 => 1e-3,
            ElementType.BFloat16 => 1e-2,
            ElementType.Float64 => 1e-12,
            _ => 1e-5,
        };

    private static ElementType CoarsestType(OnnxModel model)
    {
        IEnumerable<TensorProto> constants = model.Proto.Graph.Node
            .Where(n => n.OpType == "Constant").SelectMany(n => n.Attribute).Select(a => a.T).OfType<TensorProto>();
        return model.Proto.Graph.Initializer.Concat(constants)
            .Select(t => (ElementType)t.DataType).Where(ElementTypes.IsGrowable)
            .DefaultIfEmpty(ElementType.Float32).MinBy(ElementTypes.SignificandBits);
    }
}
