using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Training.Data.Images;

/// <summary>
/// Images from a folder with a folder for each class, numbered in the order of their names. An image is a .npy file of
/// bytes, height x width or height x width x channels.
/// </summary>
internal sealed class FolderSamples : ISamples
{
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg"];

    private readonly List<(string Path, int Class)> _files = [];
    private readonly ImageTransform _transform;
    private readonly long[] _dims;
    private readonly ImageOptions _options;

    public FolderSamples(string folder, ImageOptions options)
    {
        if (!Directory.Exists(folder))
        {
            throw new BadInputException(ErrorCode.Data, $"the folder of images '{Text.Name(folder)}' does not exist");
        }

        _options = options;
        string[] classes = [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)];
        for (int c = 0; c < classes.Length; c++)
        {
            string[] all = [.. Directory.GetFiles(classes[c]).Order(StringComparer.Ordinal)];
            if (all.FirstOrDefault(f => Pictures.Contains(Path.GetExtension(f).ToLowerInvariant())) is { } picture)
            {
                throw new BadInputException(
                    ErrorCode.Data, $"'{Text.Name(picture)}': PNG and JPEG are not decoded in training; 'dotnet run -c Release --project tools/data -- pictures FOLDER OUT' makes .npy arrays of bytes (height x width x channels) of them, or numpy.save(path, numpy.asarray(PIL.Image.open(picture)))");
            }

            _files.AddRange(all.Where(f => f.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)).Select(f => (f, c)));
        }

        if (_files.Count == 0)
        {
            throw new BadInputException(ErrorCode.Data, $"'{Text.Name(folder)}' holds no images: it needs a folder for each class, with .npy files in it");
        }

        RuntimeTensor first = ReadImage(_files[0].Path);
        _dims = [.. first.Dims];
        _transform = TransformOf(_dims);
        Fields = ImageFields.Of(_transform);
        Classes = [.. classes.Select(c => Path.GetFileName(c))];
        string names = string.Join('\n', _files.Select(f => Path.GetRelativePath(folder, f.Path).Replace('\\', '/')));
        Fingerprint = string.Create(CultureInfo.InvariantCulture,
            $"folder;{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(names)))};{string.Join(',', Fields[0].SampleDims)};{ContentPrint.Of([.. _files.Select(f => ContentOf(f.Path))])}");
    }

    /// <summary>The names of the classes, in the order of their labels.</summary>
    public IReadOnlyList<string> Classes { get; }

    public IReadOnlyList<DataField> Fields { get; }

    public long Count => _files.Count;

    public string Fingerprint { get; }

    private static (long Length, ContentPrint.ReadAt Read) ContentOf(string path) => (new FileInfo(path).Length, (into, at) =>
    {
        using SafeFileHandle file = File.OpenHandle(path);
        UnnamedFile.ReadExactly(file, into, at);
    });

    public void Read(long index, SampleUse use, Span<Memory<byte>> fields)
    {
        (string path, int label) = _files[(int)index];
        RuntimeTensor image = ReadImage(path);
        ImageTransform transform = image.Dims.AsSpan().SequenceEqual(_dims) ? _transform : TransformOf([.. image.Dims]);
        if ((transform.Channels, transform.Height, transform.Width) != (_transform.Channels, _transform.Height, _transform.Width))
        {
            throw new BadInputException(ErrorCode.Data, $"'{Text.Name(path)}' is {image}, and '{Text.Name(_files[0].Path)}' [{string.Join(", ", _dims)}]: give 'resize' or 'crop', so that all become one size");
        }

        transform.Apply(image.Bytes.Span, use, fields[0].Span);
        MemoryMarshal.Cast<byte, long>(fields[1].Span)[0] = label;
    }

    public void Dispose()
    {
        // Files are open only while they are read.
    }

    private ImageTransform TransformOf(long[] dims) => new(_options, (int)dims[0], (int)dims[1], dims.Length == 3 ? (int)dims[2] : 1);

    private static RuntimeTensor ReadImage(string path)
    {
        RuntimeTensor image = NpyFile.Read(path);
        return image.ElementType == ElementType.UInt8 && image.Dims.Length is 2 or 3 && image.Dims.All(d => d > 0)
            ? image
            : throw new BadInputException(ErrorCode.Data, $"'{Text.Name(path)}' is {image}; an image is UInt8[height, width] or UInt8[height, width, channels]");
    }
}
