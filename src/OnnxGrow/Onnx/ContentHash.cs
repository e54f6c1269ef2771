using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>Hashes that say which file a plan or a report is about.</summary>
public static class ContentHash
{
    /// <summary>The SHA-256 of a file's bytes, in lower-case hexadecimal.</summary>
    /// <exception cref="BadInputException">The file cannot be read, or is a device or a pipe, which may never end.</exception>
    public static string Sha256OfFile(string path)
    {
        try
        {
            using SafeFileHandle handle = FileFacts.Open(RealPath.Resolve(path));
            if (FileFacts.Of(handle) is { IsRegular: false })
            {
                throw new BadInputException($"{Text.Name(path)}: is a folder, a device or a pipe; give a file");
            }

            using FileStream stream = new(handle, FileAccess.Read, 1 << 20);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"{Text.Name(path)}: cannot be read: {e.Message}", e);
        }
    }
}
