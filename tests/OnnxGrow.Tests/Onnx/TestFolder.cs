using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

/// <summary>A folder for one test, and the small models that the tests of reading and writing use.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder() => Path = Directory.CreateTempSubdirectory("onnxgrow-test-").FullName;

    public string Path { get; }

    public IEnumerable<string> Names => Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)!).Order(StringComparer.Ordinal);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public string Write(string name, ModelProto model) => Write(name, model.ToByteArray());

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>A sound model with the given initializers.</summary>
    public static ModelProto Model(params TensorProto[] initializers)
    {
        var model = new ModelProto
        {
            IrVersion = 8,
            ProducerName = "test",
            Graph = new GraphProto { Name = "g" },
            OpsetImport = { new OperatorSetIdProto { Domain = string.Empty, Version = 17 } },
        };
        model.Graph.Initializer.AddRange(initializers);
        return model;
    }

    /// <summary>A float32 tensor of one dim with the values 0, 1, 2, ...</summary>
    public static TensorProto Ramp(string name, int count) =>
        Tensors.Float32(name, [count], [.. Enumerable.Range(0, count).Select(i => (float)i)]);

    /// <summary>A tensor of bytes in another file.</summary>
    public static TensorProto External(string name, long count, params (string Key, string Value)[] keys)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)ElementType.UInt8,
            Dims = { count },
            DataLocation = TensorProto.Types.DataLocation.External,
        };
        tensor.ExternalData.AddRange(keys.Select(key => new StringStringEntryProto { Key = key.Key, Value = key.Value }));
        return tensor;
    }

    public static byte[] BytesOf(TensorData data)
    {
        byte[] bytes = new byte[data.ByteLength];
        data.ReadBytes(0, bytes);
        return bytes;
    }

    /// <summary>Opening must fail, and say so in one line that contains <paramref name="parts"/>.</summary>
    public static string Refused(string path, params string[] parts) =>
        Refused(() => OnnxModel.Open(path).Dispose(), parts);

    public static string Refused(Action action, params string[] parts)
    {
        BadInputException error = Assert.Throws<BadInputException>(action);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(error.Message.Length < 700, error.Message);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        return error.Message;
    }
}
