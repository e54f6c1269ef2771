using System.Globalization;
using System.Runtime.InteropServices;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Training.Data.Images;

/// <summary>Makes float32 channels x height x width of images of bytes, height x width x channels, all of one size.</summary>
internal sealed class ImageTransform
{
    private readonly ImageOptions _options;
    private readonly (int Height, int Width) _scaled, _padded;
    private readonly int _sourceChannels;
    private readonly (int Height, int Width) _source;

    public ImageTransform(ImageOptions options, int height, int width, int channels)
    {
        _options = options;
        _source = (height, width);
        _sourceChannels = channels;
        _scaled = options.Resize ?? _source;
        _padded = (_scaled.Height + (2 * options.Pad), _scaled.Width + (2 * options.Pad));
        (Height, Width) = options.Crop ?? _padded;
        Channels = options.Channels ?? channels;
        if (Height > _padded.Height || Width > _padded.Width)
        {
            throw new BadInputException(ErrorCode.Data, string.Create(CultureInfo.InvariantCulture,
                $"'crop' of {Height} x {Width} is larger than the images, which are {_padded.Height} x {_padded.Width} after 'resize' and 'pad'"));
        }

        if (Channels != channels && channels != 1)
        {
            throw new BadInputException(ErrorCode.Data, $"'channels' is {Channels} and the images have {channels}; only images of one channel can be repeated");
        }

        if (options.Mean.Any(m => !double.IsFinite(m)) || options.Deviation.Any(d => !(d > 0) || !double.IsFinite(d)))
        {
            throw new BadInputException(ErrorCode.Data, "'mean' must be numbers and 'std' numbers above 0");
        }

        if (options.Mean.Count != 1 && options.Mean.Count != Channels || options.Deviation.Count != 1 && options.Deviation.Count != Channels)
        {
            throw new BadInputException(ErrorCode.Data, $"'mean' and 'std' must have one number, or one for each of the {Channels} channels");
        }
    }

    public int Height { get; }

    public int Width { get; }

    public int Channels { get; }

    /// <summary>Writes the image for one use of it.</summary>
    public void Apply(ReadOnlySpan<byte> pixels, SampleUse use, Span<byte> into)
    {
        Span<float> result = MemoryMarshal.Cast<byte, float>(into);
        var random = new SplitMix64(use.Draw);
        (long top, long left, bool flip) = (random.Below(_padded.Height - Height + 1), random.Below(_padded.Width - Width + 1), random.Below(2) == 1);
        if (!use.Training)
        {
            (top, left, flip) = ((_padded.Height - Height) / 2, (_padded.Width - Width) / 2, false);
        }

        for (int c = 0; c < Channels; c++)
        {
            int channel = _sourceChannels == 1 ? 0 : c;
            float mean = (float)_options.Mean[_options.Mean.Count == 1 ? 0 : c];
            float deviation = (float)_options.Deviation[_options.Deviation.Count == 1 ? 0 : c];
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    int column = flip && _options.Flip ? Width - 1 - x : x;
                    float pixel = At(pixels, (int)top + y - _options.Pad, (int)left + column - _options.Pad, channel);
                    result[(((c * Height) + y) * Width) + x] = ((pixel / 255f) - mean) / deviation;
                }
            }
        }
    }

    private float At(ReadOnlySpan<byte> pixels, int y, int x, int channel)
    {
        if (y < 0 || x < 0 || y >= _scaled.Height || x >= _scaled.Width)
        {
            return 0;
        }

        if (_scaled == _source)
        {
            return pixels[(((y * _source.Width) + x) * _sourceChannels) + channel];
        }

        // The middles of pixels lie on each other, and beyond the outermost ones their values go on.
        (int top, int bottom, float down) = Between(y, _scaled.Height, _source.Height);
        (int left, int right, float along) = Between(x, _scaled.Width, _source.Width);
        float above = Mix(pixels, top, left, right, along, channel);
        return above + (down * (Mix(pixels, bottom, left, right, along, channel) - above));
    }

    private float Mix(ReadOnlySpan<byte> pixels, int y, int left, int right, float along, int channel)
    {
        float first = pixels[(((y * _source.Width) + left) * _sourceChannels) + channel];
        float second = pixels[(((y * _source.Width) + right) * _sourceChannels) + channel];
        return first + (along * (second - first));
    }

    private static (int Low, int High, float Part) Between(int at, int scaled, int source)
    {
        float place = Math.Clamp(((at + 0.5f) * source / scaled) - 0.5f, 0, source - 1);
        int low = (int)place;
        return (low, Math.Min(low + 1, source - 1), place - low);
    }
}
