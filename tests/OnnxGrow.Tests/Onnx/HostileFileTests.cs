using System.Buffers.Binary;
using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using Xunit;
using WireFormat = OnnxGrow.Onnx.WireFormat;

namespace OnnxGrow.Tests.Onnx;

/// <summary>Files of other formats, files that lie about their lengths, files that are very large.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const long Budget = 64L << 20;

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0x7FFFFFFFFFFFFFFF)]
    [InlineData(100_000_001)]
    [InlineData(8)]
    public void A_safetensors_file_is_named_whatever_its_header_claims(long header)
    {
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header);
        "{\"a\":{\"dtype\":\"F32\""u8.CopyTo(bytes.AsSpan(8));
        Cheap(() => TestFolder.Refused(folder.Write("m.onnx", bytes)));
    }

    [Fact]
    public void Other_formats_are_named()
    {
        // 43 bytes of GGUF that claim 2^61 tensors; an archive; text in protobuf's text form, with a mark of byte order, in UTF-16.
        byte[] gguf = new byte[43];
        "GGUF"u8.CopyTo(gguf);
        gguf[4] = 3;
        gguf[15] = 0x20;
        Kind(gguf, "GGUF");
        Kind([.. "PK\x03\x04"u8, .. new byte[60]], "zip");
        Kind("ir_version: 8\ngraph { name: \"g\" }\n"u8.ToArray(), "text");
        Kind("<!DOCTYPE html><html><body>404</body></html>"u8.ToArray(), "text");
        Kind([], "empty");

        void Kind(byte[] bytes, string what) => Cheap(() => TestFolder.Refused(folder.Write("m.onnx", bytes), what));
    }

    [Theory]
    [InlineData(GraphProto.NodeFieldNumber, 1L << 40)]
    [InlineData(GraphProto.InitializerFieldNumber, int.MaxValue)]
    [InlineData(GraphProto.NameFieldNumber, uint.MaxValue)]
    public void Lengths_beyond_the_file_cost_nothing(int field, long length)
    {
        byte[] inner = [.. Varint(WireFormat.Tag(field, WireFormat.Bytes)), .. Varint((ulong)length), 1, 2, 3];
        byte[] model = [0x08, 0x08, .. Varint(WireFormat.Tag(ModelProto.GraphFieldNumber, WireFormat.Bytes)), .. Varint((ulong)inner.Length), .. inner];
        Cheap(() => TestFolder.Refused(folder.Write("m.onnx", model), "m.onnx", "left"));
    }

    [Fact]
    public void A_packed_list_as_long_as_protobuf_allows_is_refused_before_it_is_read()
    {
        // int64_data of 2^31 - 1 bytes in a sparse file: eight times that in memory, if it were read.
        byte[] head = Nested(int.MaxValue, TensorProto.Int64DataFieldNumber, (int)ElementType.Int64);
        string path = Sparse("m.onnx", head, int.MaxValue);
        Cheap(() => TestFolder.Refused(path, "graph-bytes"));
    }

    [Fact]
    public void Unknown_fields_of_a_hundred_megabytes_are_kept_within_the_limit_and_refused_beyond()
    {
        byte[] bytes = TestFolder.Model().ToByteArray();
        byte[] unknown = [.. Varint(WireFormat.Tag(500, WireFormat.Bytes)), .. Varint(100 << 20)];
        string path = folder.Write("m.onnx", [.. bytes, .. unknown, .. new byte[100 << 20]]);
        using (OnnxModel model = OnnxModel.Open(path))
        {
            Assert.Equal(new FileInfo(path).Length, model.InlineSize());
        }

        Cheap(() => TestFolder.Refused(() => OnnxModel.Open(path, new ReadLimits { MaxGraphBytes = 1 << 20 }).Dispose(), "graph-bytes"));
    }

    [Theory]
    [InlineData(int.MaxValue - 200L)]
    [InlineData(int.MaxValue + 200L)]
    [InlineData(3L << 30)]
    public void A_file_around_two_gigabytes_opens_without_being_read(long weights)
    {
        byte[] head = Nested(weights, TensorProto.RawDataFieldNumber, (int)ElementType.UInt8);
        string path = Sparse("m.onnx", [.. head], weights);
        byte[] tail = TestFolder.Model().ToByteArray();
        using (FileStream file = new(path, FileMode.Append))
        {
            file.Write(tail);
        }

        Cheap(() =>
        {
            using OnnxModel model = OnnxModel.Open(path);
            byte[] last = new byte[4];
            model.DataOf(model.Proto.Graph.Initializer[0]).ReadBytes(weights - 4, last);
            Assert.Equal(new byte[4], last);
            bool fits = model.InlineSize() <= int.MaxValue;
            Assert.Equal(weights < int.MaxValue, fits);
            if (!fits)
            {
                TestFolder.Refused(() => model.ToBytes(), "2 GiB");
            }
        });
    }

    [Fact]
    public void Millions_of_empty_parts_stop_at_the_limit()
    {
        byte[] nodes = [.. Enumerable.Repeat(new byte[] { 0x0A, 0x00 }, 200_000).SelectMany(b => b)];
        byte[] model = [0x08, 0x08, .. Varint(WireFormat.Tag(ModelProto.GraphFieldNumber, WireFormat.Bytes)), .. Varint((ulong)nodes.Length), .. nodes];
        string path = folder.Write("m.onnx", model);
        Cheap(() => TestFolder.Refused(() => OnnxModel.Open(path, new ReadLimits { MaxMessages = 100_000 }).Dispose(), "messages"));
    }

    [Fact]
    public void The_deepest_nesting_that_can_be_allowed_fits_a_small_stack()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadLimits { MaxDepth = ReadLimits.DeepestMaxDepth + 1 });
        var graph = new GraphProto { Name = "innermost" };
        for (int depth = 0; depth < (ReadLimits.DeepestMaxDepth / 3) - 2; depth++)
        {
            var node = new NodeProto { OpType = "Custom", Domain = "test", Attribute = { new AttributeProto { Name = "body", G = graph } } };
            graph = new GraphProto { Name = "g", Node = { node } };
        }

        ModelProto proto = TestFolder.Model();
        proto.Graph = graph;
        string path = folder.Write("m.onnx", proto);
        TestFolder.Refused(path, "nested", "depth");
        Exception? failure = null;
        var thread = new Thread(
            () => failure = Record.Exception(() =>
            {
                using OnnxModel model = OnnxModel.Open(path, new ReadLimits { MaxDepth = ReadLimits.DeepestMaxDepth });
                using OnnxModel clone = model.Clone();
                clone.Save(folder.File("copy.onnx"));
                OnnxGrow.Analysis.ModelMap.Of(model);
            }),
            maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(folder.File("copy.onnx")));
    }

    // Up to the content of a tensor's field: model, graph, tensor, field.
    private static byte[] Nested(long length, int field, int type)
    {
        byte[] tensor = [.. Varint(WireFormat.Tag(TensorProto.DimsFieldNumber, WireFormat.Varint)), .. Varint((ulong)length), .. Varint(WireFormat.Tag(TensorProto.DataTypeFieldNumber, WireFormat.Varint)), .. Varint((ulong)type), .. Varint(WireFormat.Tag(field, WireFormat.Bytes)), .. Varint((ulong)length)];
        byte[] graph = [.. Varint(WireFormat.Tag(GraphProto.InitializerFieldNumber, WireFormat.Bytes)), .. Varint((ulong)(tensor.Length + length)), .. tensor];
        return [.. Varint(WireFormat.Tag(ModelProto.GraphFieldNumber, WireFormat.Bytes)), .. Varint((ulong)(graph.Length + length)), .. graph];
    }

    private static byte[] Varint(ulong value)
    {
        byte[] bytes = new byte[WireFormat.VarintSize(value)];
        WireFormat.WriteVarint(bytes, value);
        return bytes;
    }

    private static byte[] Varint(uint value) => Varint((ulong)value);

    private static void Cheap(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Budget);
    }

    // A file of zeros after its head, of which only the head takes room on the disk.
    private string Sparse(string name, byte[] head, long zeros)
    {
        using FileStream file = File.Create(folder.File(name));
        file.Write(head);
        file.SetLength(head.Length + zeros);
        return folder.File(name);
    }
}
