using System.Buffers.Binary;
using System.Text;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_was_written_is_read()
    {
        string path = Path.Combine(_folder.Path, "a.safetensors");
        byte[] floats = [.. new[] { 1f, 2f, -3f, 4f, 5f, 6f }.SelectMany(BitConverter.GetBytes)];
        SafetensorsFile.Write(
            path,
            [
                new NamedTensor("w", [2, 3], new MemoryTensorData(ElementType.Float32, floats)),
                new NamedTensor("step", [], new MemoryTensorData(ElementType.Int64, BitConverter.GetBytes(7L))),
                new NamedTensor("none", [0, 4], new MemoryTensorData(ElementType.Float16, Array.Empty<byte>())),
            ],
            new Dictionary<string, string> { ["made"] = "by a test" });
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal("by a test", file.Texts["made"]);
        Assert.Equal(["none", "step", "w"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        double[] values = new double[6];
        file.Tensors["w"].Data.ReadDoubles(0, values);
        Assert.Equal([1, 2, -3, 4, 5, 6], values);
        Assert.Equal([2L, 3L], file.Tensors["w"].Dims.ToArray());
        Assert.Equal(ElementType.Int64, file.Tensors["step"].Data.ElementType);
        Assert.Equal(0, file.Tensors["none"].Data.Count);
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", "do not agree")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[8,20]}}""", "do not agree")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-3],"data_offsets":[0,12]}}""", "do not agree")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,12]}}""", "do not agree")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[12,0]}}""", "do not agree")]
    [InlineData("""{"w":{"dtype":"Q4","shape":[3],"data_offsets":[0,12]}}""", "type 'Q4'")]
    [InlineData("""{"w":{"shape":[3],"data_offsets":[0,12]}}""", "not what the format says")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "two tensors")]
    [InlineData("""{"w":[""", "not what the format says")]
    [InlineData("""[1,2]""", "not what the format says")]
    public void Headers_that_lie_are_refused(string header, string says)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + text.Length + 12];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        Refused(bytes, says);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Files_without_a_header_are_refused(int length) => Refused(new byte[length], "too short");

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1L)]
    [InlineData(100L)]
    public void Lengths_that_lie_are_refused(long length)
    {
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        Refused(bytes, "header");
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("nowhere.safetensors", Assert.Throws<BadInputException>(() => SafetensorsFile.Open(Path.Combine(_folder.Path, "nowhere.safetensors"))).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private void Refused(byte[] bytes, string says)
    {
        string path = Path.Combine(_folder.Path, "bad.safetensors");
        File.WriteAllBytes(path, bytes);
        string message = Assert.Throws<BadInputException>(() => SafetensorsFile.Open(path)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
