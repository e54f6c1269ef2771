using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>Turns declared types (inputs, outputs, value infos, subgraphs' too) to float64.</summary>
internal static class LiftTypes
{
    public static void Of(GraphProto graph)
    {
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            Of(value.Type);
        }

        foreach (AttributeProto attribute in graph.Node.SelectMany(node => node.Attribute))
        {
            foreach (GraphProto inner in attribute.G is { } one ? attribute.Graphs.Append(one) : attribute.Graphs)
            {
                Of(inner);
            }
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
