using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>What .NET does not tell of a file, asked of the system: its kind, its number of names.</summary>
internal static partial class FileFacts
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint BasicStatistics = 0x7FF;
    private const int FileTypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    /// <summary>
    /// Whether the path itself is a regular file, not a pipe (opening one may wait for ever), a device (which may never
    /// end) or a link; null where the system cannot be asked.
    /// </summary>
    public static bool? IsRegular(string path) =>
        TryStat(path) is { } statistics ? (statistics.Mode & FileTypeMask) == RegularFile : null;

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

        return TryStat(a) is { } first && TryStat(b) is { } second
            && (first.Inode, first.DeviceMajor, first.DeviceMinor) == (second.Inode, second.DeviceMajor, second.DeviceMinor);
    }

    /// <summary>The number of names that the file has; null where the system cannot be asked.</summary>
    public static long? LinkCount(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return GetFileInformationByHandle(handle, out WindowsFile file) ? file.NumberOfLinks : null;
        }

        return TryStat(path)?.Links;
    }

    /// <summary>
    /// Whether an open file is the one at a path. Only Linux tells: there a file that was swapped for a symbolic link
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

    private static Statx? TryStat(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return statx(CurrentFolder, path, DoNotFollow, BasicStatistics, out Statx statistics) == 0 ? statistics : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, out Statx statistics);

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
        public ulong Inode;

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
