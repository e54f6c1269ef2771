using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class DamagedFileTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_not_a_model_is_refused_with_what_it_is()
    {
        TestFolder.Refused(folder.File("none.onnx"), "none.onnx", "no such file");
        TestFolder.Refused(folder.Path, "folder without models");
        TestFolder.Refused(string.Empty, "cannot be read");
        TestFolder.Refused("a\0b", "cannot be read");
        Kind("is empty", []);
        Kind("Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:00"u8);
        Kind("zip", "PK\x03\x04xxxxxxxxxxxx"u8);
        Kind("GGUF", "GGUFxxxxxxxxxxxxxxx"u8);
        Kind("HDF5", [0x89, .. "HDF\r\n\x1a\n"u8]);
        Kind("Lite", "\x1c\0\0\0TFL3xxxxxxxxxxx"u8);
        Kind(".ort", "\x1c\0\0\0ORTMxxxxxxxxxxx"u8);
        Kind("safetensors", "\x50\0\0\0\0\0\0\0{\"a\":{\"dtype\""u8);
        Kind("text", "ir_version: 8 graph { }"u8);
        Kind("has no graph", new ModelProto { IrVersion = 8 }.ToByteArray());
        Kind("no ir_version", new ModelProto { Graph = new GraphProto() }.ToByteArray());
        Kind("no opset_import", new ModelProto { IrVersion = 8, Graph = new GraphProto() }.ToByteArray());
        folder.Write("other.onnx", [1]);
        TestFolder.Refused(folder.Path, "is a folder", "other.onnx");
    }

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_ends()
    {
        byte[] whole = Repository.SharedModels is { } shared
            ? File.ReadAllBytes(Path.Combine(shared, "gpt2_one_layer.onnx"))
            : File.ReadAllBytes(Repository.Models.First());
        int step = Math.Max(1, whole.Length / 1500);
        for (int length = 1; length < whole.Length; length += step)
        {
            byte[] cut = whole[..length];
            OpensOrIsRefused(cut, mayOpen: EndsBetweenFields(cut));
        }
    }

    [Fact]
    public void Random_damage_is_refused_or_read_but_never_crashes()
    {
        byte[][] sources =
        [
            .. Repository.Models.Take(2).Select(File.ReadAllBytes),
            TestFolder.Model(TestFolder.Ramp("w", 100), TestFolder.External("x", 4, ("location", "m.onnx"), ("offset", "2"))).ToByteArray(),
        ];
        var random = new Random(20260822);
        for (int round = 0; round < 2000; round++)
        {
            // The small model gets most rounds, and most damage goes where the structure is.
            byte[] bytes = (byte[])sources[round % 8 < 2 ? round % 8 : 2].Clone();
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                int at = random.Next(3) > 0 ? random.Next(Math.Min(bytes.Length, 2000)) : random.Next(bytes.Length);
                bytes[at] = random.Next(3) switch
                {
                    0 => (byte)random.Next(256),
                    1 => (byte)(bytes[at] ^ (1 << random.Next(8))),
                    _ => 0xFF,
                };
            }

            OpensOrIsRefused(bytes, mayOpen: true);
        }
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        var random = new Random(7);
        for (int round = 0; round < 1000; round++)
        {
            byte[] bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            OpensOrIsRefused(bytes, mayOpen: false);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07 })]
    [InlineData(new byte[] { 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x3A, 0x04, 0x2A, 0x7F, 0x01, 0x01 })]
    [InlineData(new byte[] { 0x3A, 0x02, 0x2A })]
    [InlineData(new byte[] { 0x00, 0x01 })]
    [InlineData(new byte[] { 0x3C })]
    [InlineData(new byte[] { 0x3B, 0x08 })]
    [InlineData(new byte[] { 0x3B, 0x44 })]
    [InlineData(new byte[] { 0x3E, 0x00 })]
    [InlineData(new byte[] { 0x0D, 0x00 })]
    public void Lengths_numbers_and_groups_that_lie_are_refused(byte[] bytes) => OpensOrIsRefused(bytes, mayOpen: false);

    [Fact]
    public void Shapes_that_do_not_suit_the_bytes_are_refused_on_opening()
    {
        void Bad(Action<TensorProto> change, params string[] parts)
        {
            TensorProto tensor = TestFolder.Ramp("w", 1000);
            change(tensor);
            TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(tensor)), ["'w'", .. parts]);
        }

        Bad(t => t.Dims[0] = 1001, "4000 bytes", "4004");
        Bad(t => t.Dims[0] = -1000, "negative");
        Bad(t => t.Dims.Add([1L << 31, 1L << 31, 1L << 31]), "64 bits");
        Bad(t => t.DataType = (int)ElementType.Float64, "8000");
        Bad(t => t.DataLocation = TensorProto.Types.DataLocation.External, "both");
    }

    [Fact]
    public void Nesting_is_limited_with_an_error()
    {
        foreach ((int levels, bool fits) in new[] { (30, true), (40, false), (10_000, false) })
        {
            byte[] graph = [];
            for (int i = 0; i < levels; i++)
            {
                byte[] attribute = Wrap(AttributeProto.GFieldNumber, graph);
                byte[] node = Wrap(NodeProto.AttributeFieldNumber, attribute);
                graph = Wrap(GraphProto.NodeFieldNumber, node);
            }

            byte[] model = [.. TestFolder.Model().ToByteArray(), .. Wrap(ModelProto.GraphFieldNumber, graph)];
            string path = folder.Write("deep.onnx", model);
            if (fits)
            {
                OnnxModel.Open(path).Dispose();
            }
            else
            {
                TestFolder.Refused(path, "nested");
            }
        }

        byte[] groups = [.. Enumerable.Repeat((byte)0xA3, 100_000)];
        TestFolder.Refused(folder.Write("groups.onnx", groups), "groups.onnx");
        byte[] nested = [.. Enumerable.Repeat(new byte[] { 0xA3, 0x1F }, 10_000).SelectMany(b => b)];
        TestFolder.Refused(folder.Write("groups.onnx", nested), "nested too deeply");
    }

    [Fact]
    public void Limits_bound_what_a_graph_may_cost()
    {
        ModelProto model = TestFolder.Model();
        model.Graph.Node.Add(Enumerable.Repeat(new NodeProto { OpType = "Identity" }, 1000));
        string path = folder.Write("m.onnx", model);
        TestFolder.Refused(() => OnnxModel.Open(path, new ReadLimits { MaxMessages = 500 }), "--limit messages=N");
        TestFolder.Refused(() => OnnxModel.Open(path, new ReadLimits { MaxGraphBytes = 5000 }), "--limit graph-bytes=N");
        TestFolder.Refused(() => OnnxModel.Open(path, new ReadLimits { MaxDepth = 1 }), "--limit depth=N");
        OnnxModel.Open(path, new ReadLimits { MaxDepth = 2 }).Dispose();
    }

    [Fact]
    public void The_private_field_and_text_that_is_none_are_refused()
    {
        TensorProto tensor = TestFolder.Ramp("w", 4);
        tensor.Payload = 1;
        TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(tensor)), "536870000");
        byte[] bytes = TestFolder.Model(TestFolder.Ramp("name", 4)).ToByteArray();
        bytes[bytes.AsSpan().IndexOf("name"u8)] = 0xC3;
        TestFolder.Refused(folder.Write("m.onnx", bytes), "not UTF-8");
        Assert.Throws<ArgumentException>(() => OnnxModel.FromProto(TestFolder.Model(tensor)));
    }

    private static byte[] Wrap(int field, byte[] content)
    {
        byte[] header = new byte[16];
        int size = OnnxGrow.Onnx.WireFormat.WriteVarint(header, OnnxGrow.Onnx.WireFormat.Tag(field, 2));
        size += OnnxGrow.Onnx.WireFormat.WriteVarint(header.AsSpan(size), (ulong)content.Length);
        return [.. header.AsSpan(0, size), .. content];
    }

    // A file that ends where a field of the model ends is a whole message; nothing tells that it once was longer.
    private static bool EndsBetweenFields(byte[] bytes)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(bytes) is { Graph: not null, OpsetImport.Count: > 0 };
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private void Kind(string part, ReadOnlySpan<byte> bytes) => TestFolder.Refused(folder.Write("k.onnx", bytes.ToArray()), "k.onnx", part);

    private void OpensOrIsRefused(byte[] bytes, bool mayOpen)
    {
        string path = folder.Write("m.onnx", bytes);
        try
        {
            using OnnxModel model = OnnxModel.Open(path);
            Assert.True(mayOpen, "a damaged model was opened");
            Use(model, bytes);
        }
        catch (BadInputException e)
        {
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    // What was opened must be usable, and what protobuf itself reads in the file.
    private static void Use(OnnxModel model, byte[] bytes)
    {
        bool external = false;
        ProtoTensors.Visit(model.Proto, (tensor, _) =>
        {
            external |= TensorSource.IsExternal(tensor);
            try
            {
                TestFolder.BytesOf(model.DataOf(tensor));
            }
            catch (BadInputException)
            {
                // A small tensor may be wrong; it is found when it is used.
            }
        });
        byte[] written = model.ToBytes();
        if (!external)
        {
            Assert.Equal(ModelProto.Parser.ParseFrom(bytes), ModelProto.Parser.ParseFrom(written));
        }
    }

    [Theory]
    [InlineData("", 12, "", 17)]
    [InlineData("", 17, "ai.onnx", 12)]
    [InlineData("com.example", 1, "com.example", 2)]
    public void Two_versions_of_one_operator_set_are_refused_and_one_said_twice_is_read(string first, long version, string second, long other)
    {
        ModelProto model = TestFolder.Model(TestFolder.Ramp("w", 5));
        model.OpsetImport.Clear();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = first, Version = version });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = second, Version = other });
        TestFolder.Refused(folder.Write("two.onnx", model), "opset_import", "twice", $"{version} and {other}");
        model.OpsetImport[1].Version = version;
        using OnnxModel read = OnnxModel.Open(folder.Write("same.onnx", model));
        Assert.Equal(2, read.Proto.OpsetImport.Count);
    }
}
