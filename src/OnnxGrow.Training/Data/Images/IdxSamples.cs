using System.Globalization;
using System.Runtime.InteropServices;

namespace OnnxGrow.Training.Data.Images;

/// <summary>Images and labels from IDX files.</summary>
internal sealed class IdxSamples : ISamples
{
    private readonly IdxFile _images;
    private readonly IdxFile _labels;
    private readonly ImageTransform _transform;
    private readonly int _pixels;

    public IdxSamples(string images, string labels, ImageOptions options)
    {
        _images = new IdxFile(images);
        try
        {
            _labels = new IdxFile(labels);
            if (_images.Dims.Length is not (3 or 4) || _labels.Dims.Length != 1 || _images.Dims[0] != _labels.Dims[0])
            {
                throw new BadInputException(
                    ErrorCode.Data, $"'{Text.Name(images)}' is [{Shown(_images)}] and '{Text.Name(labels)}' [{Shown(_labels)}]: images are number x height x width (x channels), and labels a number for each");
            }

            long pixels = _images.Dims[1..].Aggregate(1L, (product, dim) => product * dim);
            if (pixels > 1 << 28)
            {
                throw new BadInputException(ErrorCode.Data, $"'{Text.Name(images)}' has images of {Text.Number(pixels)} bytes, more than {1 << 28}");
            }

            _pixels = (int)pixels;
            _transform = new ImageTransform(options, (int)_images.Dims[1], (int)_images.Dims[2], _images.Dims.Length == 4 ? (int)_images.Dims[3] : 1);
        }
        catch
        {
            Dispose();
            throw;
        }

        Fields = ImageFields.Of(_transform);
    }

    public IReadOnlyList<DataField> Fields { get; }

    public long Count => _images.Dims[0];

    public string Fingerprint => string.Create(
        CultureInfo.InvariantCulture, $"idx;{Shown(_images)};{string.Join(',', Fields[0].SampleDims)};{ContentPrint.Of([_images.Content, _labels.Content])}");

    public void Read(long index, SampleUse use, Span<Memory<byte>> fields)
    {
        Span<byte> label = stackalloc byte[1];
        _labels.Read(index, label);
        byte[] pixels = new byte[_pixels];
        _images.Read(index, pixels);
        _transform.Apply(pixels, use, fields[0].Span);
        MemoryMarshal.Cast<byte, long>(fields[1].Span)[0] = label[0];
    }

    public void Dispose()
    {
        _images.Dispose();
        _labels?.Dispose();
    }

    private static string Shown(IdxFile file) => string.Join(" x ", file.Dims.Select(d => FormattableString.Invariant($"{d}")));
}
