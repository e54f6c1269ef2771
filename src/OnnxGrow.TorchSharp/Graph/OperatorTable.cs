using Onnx;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>The operators of this assembly.</summary>
internal static class OperatorTable
{
    private static readonly OperatorClasses<TorchOperatorAttribute, ITorchOperator> Classes = new();

    /// <summary>What runs a node; null where nothing does.</summary>
    public static ITorchOperator? Of(NodeProto node) => Classes.Of(node);
}
