using System.Buffers.Binary;
using System.Text.Json;
using Onnx;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

/// <summary>Weights in several files beside the model, and in files of another format.</summary>
public sealed class DataFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static ModelProto Model() => TestFolder.Model(
        TestFolder.Ramp("a", 1000), TestFolder.Ramp("b", 300), TestFolder.Ramp("c", 5000), TestFolder.Ramp("d", 20), TestFolder.Ramp("e", 700));

    private static byte[] Elements(OnnxModel model, TensorProto tensor)
    {
        TensorData data = model.DataOf(tensor);
        var bytes = new byte[data.ByteLength];
        data.ReadBytes(0, bytes);
        return bytes;
    }

    private void SameTensors(OnnxModel model, string path)
    {
        using OnnxModel read = OnnxModel.Open(path);
        Assert.Equal(model.Proto.Graph.Initializer.Select(t => t.Name), read.Proto.Graph.Initializer.Select(t => t.Name));
        foreach ((TensorProto wanted, TensorProto found) in model.Proto.Graph.Initializer.Zip(read.Proto.Graph.Initializer))
        {
            Assert.Equal(Elements(model, wanted), Elements(read, found));
        }
    }

    [Fact]
    public void Shards_hold_as_much_as_they_may_and_no_tensor_is_divided()
    {
        using OnnxModel model = OnnxModel.FromProto(Model());
        var options = new SaveOptions { ExternalThreshold = 1, ShardBytes = 6000 };
        model.Save(_folder.File("m.onnx"), options);
        Assert.Equal(["m.onnx", "m.onnx-00001-of-00003.data", "m.onnx-00002-of-00003.data", "m.onnx-00003-of-00003.data"], _folder.Names);

        // 4000 and 1200 bytes, 20,000 alone, 80 and 2800; each begins at a multiple of 64.
        Assert.Equal([4032 + 1200, 20_000, 128 + 2800], _folder.Names.Skip(1).Select(n => (int)new FileInfo(_folder.File(n)).Length));
        SameTensors(model, _folder.File("m.onnx"));

        // From shards to one file, over them, and inline again.
        using OnnxModel read = OnnxModel.Open(_folder.File("m.onnx"));
        read.Save(_folder.File("one.onnx"), new SaveOptions { ExternalThreshold = 1 });
        SameTensors(model, _folder.File("one.onnx"));
        Assert.Contains("one.onnx.data", _folder.Names);
        Assert.Equal(model.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void Tied_weights_stay_tied_over_shards()
    {
        using OnnxModel model = OnnxModel.FromProto(Model());
        model.Save(_folder.File("m.onnx"), new SaveOptions { ExternalThreshold = 1 });
        using OnnxModel external = OnnxModel.Open(_folder.File("m.onnx"));
        TensorProto again = external.Proto.Graph.Initializer[0].Clone();
        again.Name = "tied";
        external.Proto.Graph.Initializer.Add(again);
        external.Save(_folder.File("t.onnx"), new SaveOptions { ExternalThreshold = 1, ShardBytes = 4500 });
        ModelProto stored = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder.File("t.onnx")));
        Assert.Equal(stored.Graph.Initializer[0].ExternalData, stored.Graph.Initializer[^1].ExternalData);
        SameTensors(external, _folder.File("t.onnx"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(6000L)]
    public void Safetensors_are_read_by_name(long? shard)
    {
        using OnnxModel model = OnnxModel.FromProto(Model());
        var strings = new TensorProto { Name = "words", DataType = (int)ElementType.String, Dims = { 1 } };
        strings.StringData.Add(Google.Protobuf.ByteString.CopyFromUtf8("x"));
        model.Proto.Graph.Initializer.Add(strings);
        model.Save(_folder.File("m.onnx"), new SaveOptions { ExternalThreshold = 1, ShardBytes = shard, Safetensors = true });
        string[] files = [.. _folder.Names.Where(n => n.EndsWith(".safetensors", StringComparison.Ordinal))];
        Assert.Equal(shard is null ? ["m.safetensors"] : ["m-00001-of-00003.safetensors", "m-00002-of-00003.safetensors", "m-00003-of-00003.safetensors"], files);
        var found = new List<string>();
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(_folder.File(file));
            long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            Assert.Equal(0, (8 + header) % 4096);
            using JsonDocument json = JsonDocument.Parse(bytes.AsMemory(8, (int)header));
            long end = 0;
            foreach (JsonProperty tensor in json.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
            {
                found.Add(tensor.Name);
                Assert.Equal("F32", tensor.Value.GetProperty("dtype").GetString());
                TensorProto wanted = model.Proto.Graph.Initializer.Single(t => t.Name == tensor.Name);
                Assert.Equal(wanted.Dims, tensor.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()));
                long[] range = [.. tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(d => d.GetInt64())];

                // The format allows no holes.
                Assert.Equal(end, range[0]);
                end = range[1];
                Assert.Equal(Elements(model, wanted), bytes[(int)(8 + header + range[0])..(int)(8 + header + range[1])]);
            }

            Assert.Equal(bytes.Length, 8 + header + end);
        }

        Assert.Equal(["a", "b", "c", "d", "e"], found);
        model.Proto.Graph.Initializer.Remove(strings);
        using OnnxModel read = OnnxModel.Open(_folder.File("m.onnx"));
        Assert.Equal("x", read.Proto.Graph.Initializer[^1].StringData.Single().ToStringUtf8());
    }
}
