namespace OnnxGrow.Onnx;

/// <summary>What the system says when a file cannot be written, in words that name the file and the way out.</summary>
internal static class OutputError
{
    // As POSIX numbers them; Windows has a number of its own for a full disk.
    private const int FileTooLarge = 27;
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int QuotaOnLinux = 122;
    private const int QuotaOnMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>The error to show for what was thrown while an output was written; null where it is not about that.</summary>
    public static BadInputException? Of(string path, Exception error)
    {
        if (error is not (IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" }))
        {
            return null;
        }

        return new BadInputException(ErrorCode.Output, $"{Text.Name(path)}: cannot be written: {Reason(path, error)}", error);
    }

    private static string Reason(string path, Exception error)
    {
        if (error is UnauthorizedAccessException && Folder(path) is { } folder)
        {
            return $"its folder {Text.Name(folder)} does not let this user write; make it writable, or give another place";
        }

        int number = error.HResult;
        bool posix = !OperatingSystem.IsWindows();

        // Where room is reserved as the file is made, .NET gives no number.
        if (number == WindowsDiskFull || (posix && number is NoSpace or QuotaOnLinux or QuotaOnMac) || error.Message.Contains("disk was full", StringComparison.Ordinal))
        {
            return "the disk (or this user's share of it) is full; nothing was left behind; make room, or give another place";
        }

        if ((posix && number == FileTooLarge) || error.Message.Contains("too large", StringComparison.Ordinal))
        {
            return "the file is larger than the file system, or a limit set for this process (ulimit -f), allows; give another place, or raise the limit";
        }

        return posix && number == ReadOnly
            ? "it is on a file system that can only be read; give another place"
            : error.Message.ReplaceLineEndings(" ");
    }

    private static string? Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path));
}
