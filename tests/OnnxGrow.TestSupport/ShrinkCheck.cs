using Onnx;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Shrinking;
using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport;

/// <summary>Whether a source comes back from its grown form: the strictest check of a growth that needs no runtime.</summary>
public static class ShrinkCheck
{
    /// <summary>Grows on paper, writes, reads back, shrinks and compares.</summary>
    /// <returns>What is not as in the source; null where all is.</returns>
    public static string? Difference(OnnxModel source, GrownModel grown)
    {
        PlanMetadata.SetSourceGraph(grown);
        using OnnxModel written = OnnxModel.FromProto(ModelProto.Parser.ParseFrom(grown.Model.ToBytes()));
        using ShrunkModel shrunk = Shrinker.Shrink(written);
        if (shrunk.Check(shrunk.Model) is [var first, ..])
        {
            return $"'{first}' has another checksum";
        }

        ModelProto wanted = ModelProto.Parser.ParseFrom(source.ToBytes());
        ModelProto found = ModelProto.Parser.ParseFrom(shrunk.Model.ToBytes());
        if (wanted.Equals(found))
        {
            return null;
        }

        (TensorProto Wanted, TensorProto Found) other = wanted.Graph.Initializer.Zip(found.Graph.Initializer).FirstOrDefault(t => !t.First.Equals(t.Second));
        return other.Wanted is null ? "the graph is another" : $"'{other.Wanted.Name}' is another";
    }
}
