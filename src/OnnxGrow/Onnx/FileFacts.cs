using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>What .NET does not tell of a file, asked of the system: its kind, its identity, its number of names.</summary>
internal static partial class FileFacts
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const int TheHandleItself = 0x1000;
    private const uint BasicStatistics = 0x7FF;
    private const int FileTypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    private const int ReadOnly = 0;
    private const int DoNotWait = 0x800;
    private const int CloseOnExecute = 0x80000;

    // Opening a link is refused by another bit on ARM and POWER than elsewhere.
    private static readonly int OpenNoLink = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Ppc64le ? 0x8000 : 0x20000;

    /// <summary>What the system says of a file.</summary>
    /// <param name="Kind">Type and permissions.</param>
    /// <param name="Links">The number of its names.</param>
    /// <param name="Device">The device that it is on.</param>
    /// <param name="Number">Its number there; the same file keeps it whatever its name.</param>
    public readonly record struct State(ushort Kind, uint Links, ulong Device, ulong Number)
    {
        /// <summary>Whether it is a file of bytes, not a pipe (opening one may wait for ever) or a device (which may never end).</summary>
        public bool IsRegular => (Kind & FileTypeMask) == RegularFile;

        /// <summary>Whether two are the same file.</summary>
        public bool IsSameAs(State other) => Device == other.Device && Number == other.Number;
    }

    /// <summary>
    /// Whether the path itself is a regular file, not a pipe, a device or a link; null where the system cannot be asked.
    /// </summary>
    public static bool? IsRegular(string path) => Of(path)?.IsRegular;

    /// <summary>
    /// Whether two paths lead to one file: by the same path without links, or (on Linux) another name of it, a folder that
    /// is mounted twice, or a file system that takes upper and lower case as one.
    /// </summary>
    public static bool IsSame(string a, string b)
    {
        (a, b) = (RealPath.Resolve(a), RealPath.Resolve(b));
        if (string.Equals(a, b, OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return Of(a) is { } first && Of(b) is { } second && first.IsSameAs(second);
    }

    /// <summary>The number of names that the file has; null where the system cannot be asked.</summary>
    public static long? LinkCount(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return GetFileInformationByHandle(handle, out WindowsFile file) ? file.NumberOfLinks : null;
        }

        return Of(path)?.Links;
    }

    /// <summary>The state of what is at a path, links not followed; null where the system cannot be asked.</summary>
    public static State? Of(string path) => Ask(CurrentFolder, path, DoNotFollow);

    /// <summary>The state of an open file; null where the system cannot be asked.</summary>
    public static State? Of(SafeFileHandle handle) => Ask((int)handle.DangerousGetHandle(), string.Empty, TheHandleItself);

    /// <summary>
    /// Opens a file for reading. On Linux a link is not followed and a pipe is not waited for, whatever has come to the path
    /// since it was looked at; what was opened must still be looked at.
    /// </summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle Open(string realPath)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return File.OpenHandle(realPath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }

        int descriptor = open(realPath, ReadOnly | DoNotWait | CloseOnExecute | OpenNoLink, 0);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>
    /// Whether an open file is the one at a path. Only Linux tells: there a folder that was swapped for a symbolic link
    /// between the check of its path and the opening is found out; elsewhere the answer is yes.
    /// </summary>
    public static bool IsOpenAt(SafeFileHandle handle, string realPath)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        try
        {
            string? target = new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget;
            return target is null || target == realPath;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static State? Ask(int folder, string path, int flags)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return statx(folder, path, flags, BasicStatistics, out Statx s) == 0
                ? new State(s.Mode, s.Links, ((ulong)s.DeviceMajor << 32) | s.DeviceMinor, s.Number)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, out Statx statistics);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandle(SafeFileHandle handle, out WindowsFile file);

    // The layout of struct statx is the same on every processor, unlike that of struct stat.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    [StructLayout(LayoutKind.Explicit, Size = 52)]
    private struct WindowsFile
    {
        [FieldOffset(40)]
        public uint NumberOfLinks;
    }
}
