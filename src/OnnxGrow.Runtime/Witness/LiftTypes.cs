using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>Turns declared types (inputs, outputs, value infos, subgraphs' too) to float64.</summary>
internal static class LiftTypes
{
    public static void Of(GraphProto graph)
    {
        Of(graph.Input.Concat(graph.Output).Concat(graph.ValueInfo));
        OfSubgraphs(graph.Node);
    }

    /// <summary>The subgraphs of nodes.</summary>
    public static void OfSubgraphs(IEnumerable<NodeProto> nodes)
    {
        foreach (GraphProto inner in nodes.SelectMany(node => node.Attribute).SelectMany(LiftState.GraphsOf))
        {
            Of(inner);
        }
    }

    /// <summary>Declared values.</summary>
    public static void Of(IEnumerable<ValueInfoProto> values)
    {
        foreach (ValueInfoProto value in values)
        {
            Of(value.Type);
        }
    }

    private static void Of(TypeProto? type)
    {
        if (type?.TensorType is { } tensor && Float64Lift.IsLifted((ElementType)tensor.ElemType))
        {
            tensor.ElemType = (int)ElementType.Float64;
        }

        if (type?.SequenceType is { } sequence)
        {
            Of(sequence.ElemType);
        }

        if (type?.OptionalType is { } optional)
        {
            Of(optional.ElemType);
        }
    }
}
