using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>
/// Has what was written to a file go to the disk bit by bit. One flush of a large file takes as long as the disk takes for all
/// of it, and a process that is told to end waits for it in the system, where nothing stops it; between two bits it can stop.
/// </summary>
internal static partial class WriteBack
{
    // What a slow disk writes in a tenth of a second.
    private const int Window = 8 << 20;

    private const int InputOutputError = 5;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    // SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER
    private const uint WriteAndWait = 7;

    /// <summary>
    /// Writes the bytes of a file to the disk, from its start to its end. It promises nothing: a flush must follow, for what the
    /// disk holds back and what the file system knows of the file.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="IOException">The disk failed or is full.</exception>
    public static void Run(SafeFileHandle file, long length, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        for (long at = 0; at < length; at += Window)
        {
            cancellation.ThrowIfCancellationRequested();
            WriteStep.Reach("write back");
            if (SyncFileRange(file, at, Math.Min(Window, length - at), WriteAndWait) != 0)
            {
                // The system tells a fault of the disk once, so that the flush would not tell it again.
                int error = Marshal.GetLastPInvokeError();
                if (error is InputOutputError or NoSpace or QuotaExceeded)
                {
                    throw new IOException($"the file cannot be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}");
                }

                // Not on this file system: the flush does it all.
                return;
            }
        }

        cancellation.ThrowIfCancellationRequested();
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long bytes, uint flags);
}
