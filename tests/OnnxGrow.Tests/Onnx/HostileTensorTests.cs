using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

/// <summary>Tensors whose shape, place or length is not what their bytes are.</summary>
public sealed class HostileTensorTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("4398046511105,4398046511104", "64 bits")]
    [InlineData("2147483648,2147483648,4", "64 bits")]
    [InlineData("4611686018427387904", "64 bits")]
    [InlineData("9223372036854775807", "64 bits")]
    [InlineData("3,-1", "negative")]
    [InlineData("-9223372036854775808", "negative")]
    public void Dims_whose_product_is_none_are_refused(string dims, string why)
    {
        long[] numbers = [.. dims.Split(',').Select(d => long.Parse(d, CultureInfo.InvariantCulture))];
        TensorProto inline = TestFolder.Ramp("w", 1000);
        inline.Dims.Clear();
        inline.Dims.AddRange(numbers);
        TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(inline)), "'w'", why);

        folder.Write("x.bin", new byte[64]);
        TensorProto external = TestFolder.External("w", 0, ("location", "x.bin"));
        external.DataType = (int)ElementType.Float64;
        external.Dims.Clear();
        external.Dims.AddRange(numbers);
        TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(external)), "'w'", why);
    }

    [Fact]
    public void A_million_dims_are_refused_and_a_dim_of_zero_is_an_empty_tensor()
    {
        TensorProto tensor = TestFolder.Ramp("w", 1000);
        tensor.Dims.AddRange(Enumerable.Repeat(1L, 1_000_000));
        TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(tensor)), "'w'", "rank 1000001");
        tensor = TestFolder.Ramp("w", 1000);
        tensor.Dims.AddRange(Enumerable.Repeat(1L, Tensors.MaxRank));
        TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(tensor)), "'w'", "rank 65");

        var empty = new TensorProto { Name = "w", DataType = (int)ElementType.Float32, Dims = { long.MaxValue, 0, long.MaxValue } };
        using OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", TestFolder.Model(empty)));
        Assert.Equal(0, model.DataOf(model.Proto.Graph.Initializer[0]).Count);
    }

    [Theory]
    [InlineData("9223372036854775807", "1")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("0", "9223372036854775807")]
    [InlineData("100", "1")]
    [InlineData("101", "0")]
    [InlineData("99", "2")]
    public void Ranges_beyond_the_file_are_refused(string offset, string length)
    {
        folder.Write("x.bin", new byte[100]);
        TensorProto tensor = TestFolder.External("w", long.Parse(length, CultureInfo.InvariantCulture), ("location", "x.bin"), ("offset", offset), ("length", length));
        TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(tensor)), "'w'", "x.bin", "100");
    }

    [Fact]
    public void A_length_that_is_not_given_follows_from_the_shape()
    {
        folder.Write("x.bin", [1, 2, 3, 4, 5]);
        using (OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", TestFolder.Model(TestFolder.External("w", 4, ("location", "x.bin"), ("offset", "1"))))))
        {
            Assert.Equal([2, 3, 4, 5], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
        }

        TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(TestFolder.External("w", 5, ("location", "x.bin"), ("offset", "1")))), "'w'", "cut short");
    }

    [Fact]
    public void A_million_unknown_keys_are_passed_over_and_doubled_ones_refused()
    {
        folder.Write("x.bin", [1, 2, 3, 4]);
        TensorProto tensor = TestFolder.External("w", 4, ("location", "x.bin"), ("__proto__", "x"), ("__class__", "y"));
        for (int i = 0; i < 1_000_000; i++)
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        }

        string path = folder.Write("m.onnx", TestFolder.Model(tensor));
        using (OnnxModel model = OnnxModel.Open(path))
        {
            Assert.Equal([1, 2, 3, 4], TestFolder.BytesOf(model.DataOf(model.Proto.Graph.Initializer[0])));
        }

        TestFolder.Refused(() => OnnxModel.Open(path, new ReadLimits { MaxMessages = 100_000 }).Dispose(), "--limit messages=N");
        foreach (string key in new[] { "location", "offset", "length" })
        {
            TensorProto twice = TestFolder.External("w", 4, ("location", "x.bin"), ("offset", "0"), ("length", "4"), (key, "0"));
            TestFolder.Refused(folder.Write("m.onnx", TestFolder.Model(twice)), "'w'", $"'{key}' twice");
        }
    }

    [Fact]
    public void Elements_in_two_fields_are_refused_and_types_that_cannot_grow_pass_untouched()
    {
        TensorProto both = TestFolder.Ramp("w", 1000);
        both.FloatData.Add(1);
        using (OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", TestFolder.Model(both))))
        {
            TestFolder.Refused(() => model.DataOf(model.Proto.Graph.Initializer[0]), "'w'", "raw_data", "float_data");
        }

        var strings = new TensorProto { Name = "s", DataType = (int)ElementType.String, Dims = { 2 }, StringData = { ByteString.CopyFromUtf8("a"), ByteString.CopyFrom([0xFF, 0x00]) } };
        TensorProto[] others =
        [
            strings,
            new TensorProto { Name = "i4", DataType = (int)ElementType.Int4, Dims = { 3 }, RawData = ByteString.CopyFrom([0x21, 0x03]) },
            new TensorProto { Name = "f8", DataType = (int)ElementType.Float8E4M3FN, Dims = { 2 }, RawData = ByteString.CopyFrom([0x7F, 0x80]) },
            new TensorProto { Name = "bf16", DataType = (int)ElementType.BFloat16, Dims = { 1 }, RawData = ByteString.CopyFrom([0x80, 0x7F]) },
            new TensorProto { Name = "future", DataType = 9999, Dims = { 7 }, RawData = ByteString.CopyFrom(new byte[1000]) },
        ];
        ModelProto proto = TestFolder.Model(others);
        using OnnxModel opened = OnnxModel.Open(folder.Write("m.onnx", proto));
        Assert.Equal(proto, ModelProto.Parser.ParseFrom(opened.ToBytes()));
        TestFolder.Refused(() => opened.DataOf(opened.Proto.Graph.Initializer[0]), "'s'", "strings");
        TestFolder.Refused(() => opened.DataOf(opened.Proto.Graph.Initializer[4]), "'future'", "9999");
    }

    [Fact]
    public void Values_that_are_no_numbers_are_kept_bit_for_bit()
    {
        // NaNs with a payload, a signalling one, infinities, denormals, a negative zero.
        uint[] bits = [0x7FC00001, 0xFFC12345, 0x7F800001, 0x7F800000, 0xFF800000, 0x00000001, 0x807FFFFF, 0x80000000];
        uint[] many = [.. Enumerable.Range(0, 1000).Select(i => bits[i % bits.Length])];
        var tensor = new TensorProto { Name = "w", DataType = (int)ElementType.Float32, Dims = { many.Length }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<uint>(many)) };
        using OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", TestFolder.Model(tensor)));
        model.Save(folder.File("inline.onnx"));
        model.Save(folder.File("external.onnx"), new SaveOptions { ExternalThreshold = 1 });
        foreach (string name in new[] { "inline.onnx", "external.onnx" })
        {
            using OnnxModel saved = OnnxModel.Open(folder.File(name));
            Assert.Equal(many, MemoryMarshal.Cast<byte, uint>(TestFolder.BytesOf(saved.DataOf(saved.Proto.Graph.Initializer[0]))).ToArray());
        }
    }
}
