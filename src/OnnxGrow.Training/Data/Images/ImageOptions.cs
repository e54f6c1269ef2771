namespace OnnxGrow.Training.Data.Images;

/// <summary>What is made of images before a model sees them, in this order: resize, pad, crop, flip, normalise, repeat channels.</summary>
public sealed record ImageOptions
{
    /// <summary>Height and width to scale to, by straight lines between pixels; null leaves images as they are.</summary>
    public (int Height, int Width)? Resize { get; init; }

    /// <summary>Black pixels added on each side.</summary>
    public int Pad { get; init; }

    /// <summary>Height and width to cut out: anywhere for training, in the middle for validation.</summary>
    public (int Height, int Width)? Crop { get; init; }

    /// <summary>Whether to turn every other image left to right, for training.</summary>
    public bool Flip { get; init; }

    /// <summary>Subtracted from each channel, after pixels were scaled to 0 to 1; one number for all or one for each.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.0];

    /// <summary>What each channel is then divided by; one number for all or one for each.</summary>
    public IReadOnlyList<double> Deviation { get; init; } = [1.0];

    /// <summary>Channels of the result: as the image has, or more where it has one, which is repeated.</summary>
    public int? Channels { get; init; }
}
