using System.Globalization;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Finds the external data of one model's tensors, and nothing outside that model's folder.</summary>
internal sealed class ExternalFolder
{
    private readonly string folder;
    private readonly string realFolder;
    private readonly string physicalFolder;
    private readonly ReadLimits limits;
    private readonly PayloadTable files;

    /// <summary>
    /// The folder of a model. There are two, because content-addressed caches (Hugging Face) show a folder of links
    /// into one folder of files: data may be below the folder in which the model was named, and below the one in which
    /// its file really is.
    /// </summary>
    public ExternalFolder(string modelPath, string modelRealPath, ReadLimits limits, PayloadTable files)
    {
        folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        realFolder = RealPath.Resolve(folder);
        physicalFolder = Path.GetDirectoryName(modelRealPath)!;
        this.limits = limits;
        this.files = files;
    }

    /// <summary>
    /// The range of a file that an external tensor refers to, as bytes. <paramref name="expected"/> is the number of
    /// bytes by its shape and type, where that is known.
    /// </summary>
    public FileTensorData Find(TensorProto tensor, string who, long? expected)
    {
        string? location = Value(tensor, "location", who);
        if (location is null)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: is external, but external_data has no 'location'");
        }

        long offset = Number(tensor, "offset", who) ?? 0;
        long length = Number(tensor, "length", who) ?? expected
            ?? throw new BadInputException(ErrorCode.ModelData, $"{who}: external_data has no 'length', and its type does not tell it");
        if (expected is { } bytes && bytes != length)
        {
            throw new BadInputException(ErrorCode.ModelData, FormattableString.Invariant(
                $"{who}: external_data says {length} bytes where shape {Tensors.ShapeText(tensor)} of type {Tensors.TypeText(tensor)} takes {bytes}"));
        }

        DataFile file = files.File("data " + location, () => Locate(location, who));
        if (offset > file.Length || length > file.Length - offset)
        {
            throw new BadInputException(ErrorCode.ModelData, FormattableString.Invariant(
                $"{who}: wants bytes {offset} to {(decimal)offset + length} of {Text.Name(file.DisplayPath)}, which has {file.Length}; the data file is cut short or of another model"));
        }

        return FileTensorData.Bytes(file, offset, length);
    }

    private DataFile Locate(string location, string who)
    {
        if (ExternalPath.Problem(location) is { } problem)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: external data location '{Text.Name(location)}' {problem}");
        }

        string path = Path.Combine([folder, .. ExternalPath.Parts(location)]);
        string real = RealPath.Resolve(path);
        if (!RealPath.IsBelow(real, realFolder) && !RealPath.IsBelow(real, physicalFolder))
        {
            throw new BadInputException(
                ErrorCode.ModelData, $"{who}: external data location '{Text.Name(location)}' is a link that leads out of the model's folder");
        }

        var info = new FileInfo(real);
        if (!info.Exists)
        {
            string what = Directory.Exists(real) ? "is a folder" : "does not exist";
            throw new BadInputException(
                ErrorCode.ModelData, $"{who}: its data file {Text.Name(path)} {what}; keep the model's data files in the folder of the model");
        }

        if (!(FileFacts.IsRegular(real) ?? info.Length > 0))
        {
            throw new BadInputException(ErrorCode.ModelData, $"{who}: its data file {Text.Name(path)} is not a regular file");
        }

        if (!limits.AllowHardLinks && FileFacts.LinkCount(real) > 1)
        {
            throw new BadInputException(
                ErrorCode.ModelData, $"{who}: its data file {Text.Name(path)} has another name on this disk (a hard link), perhaps outside the model's folder; copy the file, or allow it where the folder can be trusted (--allow-hard-links)");
        }

        return new DataFile(path, real, info.Length, onlyName: !limits.AllowHardLinks);
    }

    private static string? Value(TensorProto tensor, string key, string who)
    {
        string? found = null;
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            if (entry.Key == key)
            {
                found = found is null ? entry.Value : throw new BadInputException(ErrorCode.ModelData, $"{who}: external_data has '{key}' twice");
            }
        }

        return found;
    }

    private static long? Number(TensorProto tensor, string key, string who)
    {
        if (Value(tensor, key, who) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new BadInputException(ErrorCode.ModelData, $"{who}: external_data '{key}' is '{Text.Name(text)}', not a number of bytes");
    }
}
