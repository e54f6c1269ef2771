using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class TensorDataTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ElementType.Float16, new[] { 0x3C00, 0xC000 }, new byte[] { 0x00, 0x3C, 0x00, 0xC0 })]
    [InlineData(ElementType.BFloat16, new[] { 0x3F80, 0xC000 }, new byte[] { 0x80, 0x3F, 0x00, 0xC0 })]
    [InlineData(ElementType.Int8, new[] { -1, 5 }, new byte[] { 0xFF, 5 })]
    [InlineData(ElementType.UInt8, new[] { 255, 5 }, new byte[] { 0xFF, 5 })]
    [InlineData(ElementType.Bool, new[] { 1, 0 }, new byte[] { 1, 0 })]
    [InlineData(ElementType.Int16, new[] { -2, 3 }, new byte[] { 0xFE, 0xFF, 3, 0 })]
    [InlineData(ElementType.UInt16, new[] { 65535, 3 }, new byte[] { 0xFF, 0xFF, 3, 0 })]
    [InlineData(ElementType.Int32, new[] { -2, 3 }, new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 3, 0, 0, 0 })]
    [InlineData(ElementType.Float8E4M3FN, new[] { 0x38, 0xB8 }, new byte[] { 0x38, 0xB8 })]
    [InlineData(ElementType.Int4, new[] { 0x7F }, new byte[] { 0x7F })]
    [InlineData(ElementType.UInt2, new[] { 0x0E }, new byte[] { 0x0E })]
    public void Int32_data_holds_what_is_narrower_than_32_bits(ElementType type, int[] values, byte[] expected)
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)type, Dims = { 2 }, Int32Data = { values } };
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(tensor));
        TensorData data = model.DataOf(tensor);
        Assert.Equal((type, 2L), (data.ElementType, data.Count));
        Assert.Equal(expected, TestFolder.BytesOf(data));
    }

    [Fact]
    public void Other_typed_fields_are_read_too()
    {
        TensorProto Of(ElementType type, long count) => new() { Name = "w", DataType = (int)type, Dims = { count } };
        TensorProto single = Of(ElementType.Float32, 2);
        single.FloatData.Add([1.5f, -2]);
        TensorProto wide = Of(ElementType.Float64, 1);
        wide.DoubleData.Add(0.1);
        TensorProto integer = Of(ElementType.Int64, 1);
        integer.Int64Data.Add(long.MinValue);
        TensorProto unsigned = Of(ElementType.UInt32, 1);
        unsigned.Uint64Data.Add(uint.MaxValue);
        TensorProto complex = Of(ElementType.Complex64, 1);
        complex.FloatData.Add([1, 2]);
        TensorProto empty = Of(ElementType.Int64, 0);
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(single, wide, integer, unsigned, complex, empty));

        double[] values = new double[2];
        model.DataOf(single).ReadDoubles(0, values);
        Assert.Equal([1.5, -2], values);
        Assert.Equal(BitConverter.GetBytes(0.1), TestFolder.BytesOf(model.DataOf(wide)));
        Assert.Equal(BitConverter.GetBytes(long.MinValue), TestFolder.BytesOf(model.DataOf(integer)));
        Assert.Equal(BitConverter.GetBytes(uint.MaxValue), TestFolder.BytesOf(model.DataOf(unsigned)));
        Assert.Equal(8, model.DataOf(complex).ByteLength);
        Assert.Equal(0, model.DataOf(empty).ByteLength);
    }

    [Fact]
    public void Large_typed_data_stays_in_the_file_and_in_its_field()
    {
        var single = new TensorProto { Name = "s", DataType = (int)ElementType.Float32, Dims = { 500 } };
        single.FloatData.Add(Enumerable.Range(0, 500).Select(i => i / 7f));
        var wide = new TensorProto { Name = "d", DataType = (int)ElementType.Float64, Dims = { 500 } };
        wide.DoubleData.Add(Enumerable.Range(0, 500).Select(i => i / 7.0));
        ModelProto proto = TestFolder.Model(single, wide);
        using OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", proto));
        Assert.All(model.Proto.Graph.Initializer, tensor => Assert.True(tensor.HasPayload));
        double[] last = new double[1];
        model.DataOf(model.Proto.Graph.Initializer[1]).ReadDoubles(499, last);
        Assert.Equal(499 / 7.0, last[0]);
        Assert.Equal(proto.ToByteArray(), model.ToBytes());
    }

    [Fact]
    public void Typed_data_in_several_pieces_is_read_as_protobuf_says()
    {
        var first = new TensorProto { Name = "s", DataType = (int)ElementType.Float32, Dims = { 300 } };
        first.FloatData.Add(Enumerable.Repeat(1f, 200));
        var second = new TensorProto();
        second.FloatData.Add(Enumerable.Repeat(2f, 100));
        byte[] tensor = [.. first.ToByteArray(), .. second.ToByteArray()];
        var graph = new GraphProto { Initializer = { TensorProto.Parser.ParseFrom(tensor) } };
        byte[] graphBytes = [0x2A, .. Varint(tensor.Length), .. tensor];
        byte[] file = [.. new ModelProto { IrVersion = 3, OpsetImport = { new OperatorSetIdProto() } }.ToByteArray(), 0x3A, .. Varint(graphBytes.Length), .. graphBytes];
        using OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", file));
        Assert.Equal(graph, model.Proto.Graph);
        Assert.Equal(300, model.DataOf(model.Proto.Graph.Initializer[0]).Count);
    }

    [Fact]
    public void Elements_that_do_not_suit_the_shape_are_refused_by_name()
    {
        void Bad(string part, Action<TensorProto> change)
        {
            TensorProto tensor = TestFolder.Ramp("the.weight", 4);
            using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(tensor));
            change(tensor);
            TestFolder.Refused(() => model.DataOf(tensor), "the.weight", part);
        }

        Bad("16 bytes where shape [5]", t => t.Dims[0] = 5);
        Bad("negative dim -4", t => t.Dims[0] = -4);
        Bad("64 bits", t => t.Dims.Add([(1L << 42) + 1, 1L << 42]));
        Bad("64 bits", t => t.Dims[0] = long.MaxValue);
        Bad("rank 1001", t => t.Dims.Add(Enumerable.Repeat(1L, 1000)));
        Bad("where shape [4] of type Float64", t => t.DataType = (int)ElementType.Float64);
        Bad("data type 99", t => t.DataType = 99);
        Bad("strings", t => t.DataType = (int)ElementType.String);
        Bad("raw_data and float_data", t => t.FloatData.Add(1));
        Bad("the tensor has 0 values", t => t.ClearRawData());
        Bad("belong in float_data", t =>
        {
            t.ClearRawData();
            t.Int64Data.Add([1, 2, 3, 4]);
        });
        Bad("segment", t => t.Segment = new TensorProto.Types.Segment());
        Bad("of another model", t =>
        {
            t.ClearRawData();
            t.Payload = 7;
        });
    }

    [Fact]
    public void A_tensor_of_a_type_that_is_not_known_yet_is_written_as_it_was()
    {
        TensorProto tensor = TestFolder.Ramp("w", 200);
        tensor.DataType = 1000;
        tensor.Dims[0] = 3;
        ModelProto proto = TestFolder.Model(tensor);
        using OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", proto));
        Assert.Equal(proto.ToByteArray(), model.ToBytes());
        model.Save(folder.File("e.onnx"), new SaveOptions { ExternalThreshold = 1 });
        using OnnxModel external = OnnxModel.Open(folder.File("e.onnx"));
        Assert.Equal(proto, ModelProto.Parser.ParseFrom(external.ToBytes()));
    }

    [Fact]
    public void Set_data_replaces_every_form_of_the_elements()
    {
        TensorProto tensor = TestFolder.Ramp("w", 4);
        tensor.FloatData.Add(1);
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(tensor, TestFolder.Ramp("v", 2)));
        model.SetData(tensor, MemoryTensorData.From([1.0, 2.0, 3.0]));
        TestFolder.Refused(() => model.ToBytes(), "'w'", "24 bytes where shape [4]");
        tensor.Dims[0] = 3;
        ModelProto written = ModelProto.Parser.ParseFrom(model.ToBytes());
        Assert.Equal(Tensors.Float64("w", [3], 1, 2, 3), written.Graph.Initializer[0]);
        Assert.Equal(TestFolder.Ramp("v", 2), written.Graph.Initializer[1]);
    }

    [Fact]
    public void A_clone_keeps_the_files_open_and_changes_apart()
    {
        OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", TestFolder.Model(TestFolder.Ramp("w", 1000))));
        using OnnxModel clone = model.Clone();
        clone.SetData(clone.Proto.Graph.Initializer[0], new MemoryTensorData(ElementType.Float32, new byte[4000]));
        Assert.Equal(TestFolder.Ramp("w", 1000).RawData.ToByteArray(), TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
        Assert.All(TestFolder.BytesOf(clone.DataOf(clone.Proto.Graph.Initializer[0])), b => Assert.Equal(0, b));
        TensorProto moved = model.Proto.Graph.Initializer[0].Clone();
        model.Dispose();
        Assert.Equal(4000, TestFolder.BytesOf(clone.DataOf(moved)).Length);
        Assert.Throws<ObjectDisposedException>(model.Clone);
    }

    [Fact]
    public void Reading_after_disposal_is_an_error_of_the_caller()
    {
        OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", TestFolder.Model(TestFolder.Ramp("w", 1000))));
        TensorData data = model.DataOf(model.Proto.Graph.Initializer[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.ReadBytes(3999, new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.ReadBytes(-1, new byte[2]));
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => data.ReadBytes(0, new byte[2]));
    }

    [Fact]
    public void Scalars_and_small_tensors_are_made_exactly()
    {
        Assert.Equal([0, 0x3C], Tensors.Scalar("s", ElementType.Float16, 1).RawData.ToByteArray());
        Assert.Equal([0xFF], Tensors.Scalar("s", ElementType.Int8, -1).RawData.ToByteArray());
        Assert.Equal([1], Tensors.Scalar("s", ElementType.Bool, 1).RawData.ToByteArray());
        Assert.Equal(BitConverter.GetBytes(-5L), Tensors.Scalar("s", ElementType.Int64, -5).RawData.ToByteArray());
        Assert.Empty(Tensors.Scalar("s", ElementType.Float32, 1).Dims);
        Assert.Equal(1, Tensors.CountOf(Tensors.Scalar("s", ElementType.Float32, 1)));
        Assert.Equal(0, Tensors.CountOf(new TensorProto { Dims = { long.MaxValue, long.MaxValue, 0 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensors.Scalar("s", ElementType.UInt8, 256));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensors.Scalar("s", ElementType.Int32, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensors.Scalar("s", ElementType.Int64, double.NaN));
        Assert.Throws<NotSupportedException>(() => Tensors.Scalar("s", ElementType.Int4, 1));
        Assert.Throws<ArgumentException>(() => Tensors.Int64("s", [3], 1, 2));
    }

    private static byte[] Varint(int value)
    {
        byte[] bytes = new byte[5];
        return bytes[..OnnxGrow.Onnx.WireFormat.WriteVarint(bytes, (ulong)value)];
    }
}
