using Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>The gradients of this assembly, by operator.</summary>
internal static class GradientTable
{
    private static readonly OperatorClasses<GradientAttribute, IGradient> Classes = new();

    /// <summary>The operators that are differentiated.</summary>
    public static IEnumerable<string> Operators => Classes.Names;

    /// <summary>What differentiates a node; null where nothing does.</summary>
    public static IGradient? Of(NodeProto node) => Classes.Of(node);

    /// <summary>Whether a node's outputs are constants as far as its inputs change a little.</summary>
    public static bool IsFlat(NodeProto node) => OperatorNames.DomainOf(node).Length == 0 && FlatOperators.Names.Contains(node.OpType);
}
