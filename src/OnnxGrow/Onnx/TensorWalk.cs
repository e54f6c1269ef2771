using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Every tensor message of a model, subgraphs and functions included, always in the same order.</summary>
internal static class TensorWalk
{
    public static IEnumerable<TensorProto> Of(ModelProto model)
    {
        IEnumerable<TensorProto> tensors = model.Graph is null ? [] : Of(model.Graph);
        foreach (FunctionProto function in model.Functions)
        {
            tensors = tensors.Concat(function.Node.SelectMany(Of)).Concat(function.AttributeProto.SelectMany(Of));
        }

        return tensors;
    }

    /// <summary>Takes the elements out of a tensor; name, type and dims stay.</summary>
    public static void ClearData(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.ClearPayload();
        tensor.ClearDataLocation();
        tensor.ExternalData.Clear();
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.Uint64Data.Clear();
    }

    private static IEnumerable<TensorProto> Of(GraphProto graph) => graph.Initializer.Concat(graph.Node.SelectMany(Of));

    private static IEnumerable<TensorProto> Of(NodeProto node) => node.Attribute.SelectMany(Of);

    private static IEnumerable<TensorProto> Of(AttributeProto attribute)
    {
        IEnumerable<TensorProto> own = attribute.T is { } tensor ? [tensor] : [];
        own = own.Concat(attribute.Tensors);
        return attribute.G is { } graph ? own.Concat(Of(graph)).Concat(attribute.Graphs.SelectMany(Of)) : own.Concat(attribute.Graphs.SelectMany(Of));
    }
}
