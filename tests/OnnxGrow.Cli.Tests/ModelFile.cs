using Google.Protobuf;
using Onnx;

namespace OnnxGrow.Cli.Tests;

/// <summary>Changes model files as nothing of the project would.</summary>
internal static class ModelFile
{
    /// <summary>Adds a half to the fourth entry of a float32 initializer.</summary>
    public static void AddToEntry(string path, string tensor)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        TensorProto found = model.Graph.Initializer.Single(t => t.Name == tensor);
        byte[] bytes = found.RawData.ToByteArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(12), BitConverter.ToSingle(bytes, 12) + 0.5f);
        found.RawData = ByteString.CopyFrom(bytes);
        File.WriteAllBytes(path, model.ToByteArray());
    }
}
