using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>Turns declared types (inputs, outputs, value infos, subgraphs' too) to the wider one.</summary>
internal static class LiftTypes
{
    public static void Of(GraphProto graph, LiftOptions options)
    {
        Of(graph.Input.Concat(graph.Output).Concat(graph.ValueInfo), options);
        OfSubgraphs(graph.Node, options);
    }

    /// <summary>The subgraphs of nodes.</summary>
    public static void OfSubgraphs(IEnumerable<NodeProto> nodes, LiftOptions options)
    {
        foreach (GraphProto inner in nodes.SelectMany(node => node.Attribute).SelectMany(LiftState.GraphsOf))
        {
            Of(inner, options);
        }
    }

    /// <summary>Declared values.</summary>
    public static void Of(IEnumerable<ValueInfoProto> values, LiftOptions options)
    {
        foreach (ValueInfoProto value in values)
        {
            Of(value.Type, options);
        }
    }

    private static void Of(TypeProto? type, LiftOptions options)
    {
        if (type?.TensorType is { } tensor && options.IsLifted((ElementType)tensor.ElemType))
        {
            tensor.ElemType = (int)options.FloatType;
        }

        if (type?.SequenceType is { } sequence)
        {
            Of(sequence.ElemType, options);
        }

        if (type?.OptionalType is { } optional)
        {
            Of(optional.ElemType, options);
        }
    }
}
