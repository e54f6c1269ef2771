using System.Globalization;
using Google.Protobuf;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;

namespace OnnxGrow.Bench.Analysis;

/// <summary>
/// A decoder of 32 layers whose weights are 8 GB of external data: a file of holes, which takes no room on the disk. Its
/// graph is that of a small model after growth, so the sizes in it are those of an exported one.
/// </summary>
internal static class LargeModel
{
    private const int Width = 2304;

    public static void Write(string path)
    {
        var shape = new TransformerShape { Decomposed = true, Bias = true, Layers = 32, Hidden = 48, Heads = 24, Ffn = 192, Vocabulary = 50_257, Positions = 1024 };
        using OnnxModel small = OnnxModel.FromProto(RandomTransformer.Build(shape, 1));
        ModelMap map = ModelMap.Of(small);
        GrowthPlan plan = Planner.Plan(map, new GrowthRequest { Hidden = Width, Heads = 24, HeadDim = Width / 24, Ffn = 4 * Width });
        using GrownModel grown = Grower.Grow(map, plan);
        string data = Path.GetFileName(path) + ".data";
        long at = 0;
        foreach (TensorProto tensor in grown.Weights.Select(w => w.Tensor))
        {
            long length = tensor.Dims.Aggregate((long)sizeof(float), (product, dim) => product * dim);
            tensor.ClearPayload();
            tensor.ClearRawData();
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ExternalData.Add(Entry("location", data));
            tensor.ExternalData.Add(Entry("offset", at.ToString(CultureInfo.InvariantCulture)));
            tensor.ExternalData.Add(Entry("length", length.ToString(CultureInfo.InvariantCulture)));
            at += (length + 4095) / 4096 * 4096;
        }

        File.WriteAllBytes(path, grown.Model.Proto.ToByteArray());
        using FileStream file = File.Create(path + ".data");
        file.SetLength(at);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {map.Graph.Nodes.Count} nodes, {at / 1e9:0.00} GB of external data"));
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
