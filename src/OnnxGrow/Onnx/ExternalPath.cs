namespace OnnxGrow.Onnx;

/// <summary>
/// The rules for the text of an external data location. They are the same on every system, so that a model which is
/// safe here is safe where it goes.
/// </summary>
internal static class ExternalPath
{
    private const int MaxLength = 1024;
    private const int MaxPartLength = 255;

    private static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", "COM", "LPT"];

    /// <summary>What is wrong with a location, as the end of a sentence; null where nothing is.</summary>
    public static string? Problem(string location)
    {
        if (location.Length == 0)
        {
            return "is empty; it must name a file beside the model";
        }

        if (location.Length > MaxLength)
        {
            return FormattableString.Invariant($"is longer than {MaxLength} characters");
        }

        if (location.Any(char.IsControl))
        {
            return "has control characters";
        }

        if (location[0] is '/' or '\\')
        {
            return "is an absolute path; it must be relative to the model's folder";
        }

        if (location.Contains(':', StringComparison.Ordinal))
        {
            return "has a colon, which can name a drive, a stream or a URL; it must be a file in the model's folder";
        }

        string[] parts = Parts(location);
        return parts is [.., "" or "."] ? "does not name a file" : parts.Select(PartProblem).FirstOrDefault(p => p is not null);
    }

    /// <summary>The parts of a location; exporters on Windows write backslashes.</summary>
    public static string[] Parts(string location) => location.Split('/', '\\');

    private static string? PartProblem(string part)
    {
        if (part == "..")
        {
            return "leads out of the model's folder ('..')";
        }

        if (part.Length > MaxPartLength)
        {
            return FormattableString.Invariant($"has a part longer than {MaxPartLength} characters");
        }

        if (part.Length > 1 && part[^1] is '.' or ' ')
        {
            return "has a part that ends in a dot or a space, which Windows drops";
        }

        string stem = part.Split('.')[0].TrimEnd();
        bool numbered = stem.Length == 4 && char.IsDigit(stem[3]);
        string device = numbered ? stem[..3] : stem;
        bool reserved = Devices.Contains(device, StringComparer.OrdinalIgnoreCase)
            && numbered == (device.StartsWith("COM", StringComparison.OrdinalIgnoreCase)
                || device.StartsWith("LPT", StringComparison.OrdinalIgnoreCase));
        return reserved ? $"has the part '{Text.Name(part)}', which is a device on Windows" : null;
    }
}
