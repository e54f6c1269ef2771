using System.Runtime.InteropServices;

namespace OnnxGrow.Onnx;

/// <summary>
/// Puts the names in a folder on the disk. A rename that returned is seen by every process, but after a loss of power it
/// may be undone until the folder itself was flushed. .NET opens no folders, so the system is asked: open, fsync and close
/// on Linux and macOS. Windows has no such call; NTFS writes renames to its journal in order.
/// </summary>
internal static partial class FolderSync
{
    private const int InputOutputError = 5;
    private const int NoSpace = 28;

    /// <summary>Flushes a folder's names.</summary>
    /// <exception cref="IOException">The disk failed or is full. A file system that cannot flush folders is no error.</exception>
    public static void Flush(string folder)
    {
        WriteStep.Reach("flush folder");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = open(folder, 0);
        if (descriptor < 0)
        {
            return;
        }

        int error = fsync(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        if (error is InputOutputError or NoSpace)
        {
            throw new IOException($"the folder '{folder}' cannot be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
