using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Compare;

/// <summary>Compares whole models, but for what they say about themselves and how they store their elements.</summary>
internal static class ModelContents
{
    public static bool AreSame(OnnxModel a, OnnxModel b)
    {
        if (!SkeletonOf(a.Proto).Equals(SkeletonOf(b.Proto)))
        {
            return false;
        }

        // The same skeleton has the same tensors at the same places, in subgraphs and functions too.
        return TensorsOf(a.Proto).Zip(TensorsOf(b.Proto)).All(p => TensorContents.AreSame(p.First, a, p.Second, b));
    }

    private static List<TensorProto> TensorsOf(ModelProto model)
    {
        var tensors = new List<TensorProto>();
        ProtoTensors.Visit(model, (tensor, _) => tensors.Add(tensor));
        return tensors;
    }

    private static ModelProto SkeletonOf(ModelProto model)
    {
        ModelProto skeleton = model.Clone();
        skeleton.MetadataProps.Clear();
        Growth.NodeNotes.Remove(skeleton);
        skeleton.ProducerName = "";
        skeleton.ProducerVersion = "";
        skeleton.DocString = "";
        ProtoTensors.Visit(skeleton, (tensor, _) =>
        {
            tensor.ClearPayload();
            tensor.ClearRawData();
            tensor.ClearDataLocation();
            tensor.ExternalData.Clear();
            tensor.FloatData.Clear();
            tensor.Int32Data.Clear();
            tensor.Int64Data.Clear();
            tensor.DoubleData.Clear();
            tensor.Uint64Data.Clear();
        });
        return skeleton;
    }
}
