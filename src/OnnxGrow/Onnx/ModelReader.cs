using Google.Protobuf;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Opens a model file: its graph as a message, its weights as references.</summary>
internal static class ModelReader
{
    // The version of the format from which a model must say which operator sets it uses.
    private const long OpsetsFrom = (long)IrVersion.OpsetImports;

    /// <summary>Reads a model; what it opened is owned by <paramref name="payloads"/>, in an error too.</summary>
    public static ModelProto Read(string path, ReadLimits limits, PayloadTable payloads, out ExternalFolder folder)
    {
        string real = Find(path, out long length);
        DataFile file = payloads.File("model " + real, () => new DataFile(path, real, length));
        try
        {
            ModelProto model = Parse(WireStripper.Strip(file, limits, payloads), file.DisplayPath, limits);
            CheckModel(model, path);
            folder = new ExternalFolder(path, real, limits, payloads);
            if (limits.CheckData)
            {
                var source = new TensorSource(path, payloads, folder);
                ProtoTensors.Visit(model, (tensor, _) => source.Check(tensor));
            }

            return model;
        }
        catch (BadInputException e) when (FileKind.Hint(file) is { } hint)
        {
            throw new BadInputException(ErrorCode.Model, $"{Text.Name(path)}: {hint}", e);
        }
    }

    /// <summary>Reads a model in memory. It has no files beside it, and none may be asked for.</summary>
    public static ModelProto Read(byte[] bytes, string name, ReadLimits limits)
    {
        ModelProto model = Parse(WireStripper.Check(bytes, name, limits), name, limits);
        CheckModel(model, name);
        return model;
    }

    private static string Find(string path, out long length)
    {
        try
        {
            string real = RealPath.Resolve(path);
            var info = new FileInfo(real);
            if (!info.Exists)
            {
                throw new BadInputException(ErrorCode.Model, $"{Text.Name(path)}: {Absence(real)}");
            }

            length = info.Length;
            if (FileFacts.IsRegular(real) == false)
            {
                throw new BadInputException(ErrorCode.Model, $"{Text.Name(path)}: is a device or a pipe; give a file");
            }

            return length > 0 ? real : throw new BadInputException(ErrorCode.Model, $"{Text.Name(path)}: is empty; give an ONNX model");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(ErrorCode.Model, $"{Text.Name(path)}: cannot be read: {e.Message}", e);
        }
    }

    private static string Absence(string real)
    {
        if (!Directory.Exists(real))
        {
            return "there is no such file; give the path of an ONNX model";
        }

        string[] models = [.. Directory.EnumerateFiles(real, "*.onnx").Select(file => Text.Name(Path.GetFileName(file))).Order(StringComparer.Ordinal).Take(5)];
        return models.Length == 0
            ? "is a folder without models; give the path of an ONNX model"
            : $"is a folder; give a model in it: {Text.List(models)}";
    }

    private static ModelProto Parse(ArraySegment<byte> skeleton, string name, ReadLimits limits)
    {
        try
        {
            using var stream = new MemoryStream(skeleton.Array!, 0, skeleton.Count, writable: false);
            using CodedInputStream input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, limits.MaxDepth);
            return ModelProto.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new BadInputException(
                ErrorCode.Model, $"{Text.Name(name)}: not a whole ONNX model: {e.Message}", e);
        }
    }

    private static void CheckModel(ModelProto model, string path)
    {
        string? missing = model.Graph is null ? "graph"
            : model.IrVersion < 1 ? "ir_version"
            : model.IrVersion >= OpsetsFrom && model.OpsetImport.Count == 0 ? "opset_import"
            : null;
        if (missing is not null)
        {
            throw new BadInputException(
                ErrorCode.Model, $"{Text.Name(path)}: not a whole ONNX model: it has no {missing}; the file is cut short, damaged or not ONNX");
        }

        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in model.OpsetImport)
        {
            string domain = import.Domain == "ai.onnx" ? "" : import.Domain;
            if (!versions.TryAdd(domain, import.Version) && versions[domain] != import.Version)
            {
                // Readers disagree on which of them holds, and with it on what the operators compute.
                string which = domain.Length == 0 ? "the default operator set" : $"the operator set '{Text.Name(domain)}'";
                throw new BadInputException(ErrorCode.Model, FormattableString.Invariant(
                    $"{Text.Name(path)}: opset_import names {which} twice, with the versions {versions[domain]} and {import.Version}; a model must use one"));
            }
        }
    }
}
